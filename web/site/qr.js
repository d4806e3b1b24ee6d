// A QR code as an SVG: one path of dark squares on light, whatever the page's colours are.

import { t } from '../text.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Modules that stay light around it (ISO/IEC 18004). */
const QUIET = 4;

/** The picture of rows of `1` for dark and `0` for light. */
export function qrCode(rows) {
  const size = rows.length + 2 * QUIET;
  const squares = rows.flatMap((row, y) => [...row].map((module, x) =>
    (module === '1' ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')));
  const part = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const root = part('svg', { class: 'qr', viewBox: `0 0 ${size} ${size}`, role: 'img',
    'shape-rendering': 'crispEdges', 'aria-label': t('site.qr') });
  root.append(part('rect', { width: size, height: size, fill: '#fff' }),
    part('path', { d: squares.join(''), fill: '#000' }));
  return root;
}
