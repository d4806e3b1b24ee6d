// What the parts of the history have in common that change something: they do it, ask again what
// there is, and say what was refused.

import { setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';

/** A part has a line for its errors, `error`, and asks for what it shows by `ask`. */
export class Part {
  async perform(work) {
    setShown(this.error, false);
    try {
      await work();
      await this.ask();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    setText(this.error, refusalText(error));
    setShown(this.error, true);
  }
}
