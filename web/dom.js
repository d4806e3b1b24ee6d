// Makes and changes elements. Text is set as text: nothing a board says can become markup.

/** An element with properties, attributes and children; null children are left out. */
export function h(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    // ARIA's attributes are words: an empty one says nothing.
    else element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : `${value}`);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets an element's text only when it differs, so that nothing is laid out for nothing. */
export function setText(element, text) {
  if (element.shown === text) return;
  element.shown = text;
  element.textContent = text;
}

/** Sets or removes an attribute only when it differs. */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Shows or hides an element. */
export function setShown(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Replaces children only when the key of what is shown changed. */
export function setContent(element, key, make) {
  if (element.contentKey === key) return;
  element.contentKey = key;
  element.replaceChildren(...make());
}
