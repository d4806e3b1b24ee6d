// What is drawn behind the lines of a chart: hours left out, hidden spans, limits, notes, and how
// wide the uncertainty of time is.

/** An uncertainty of time narrower than this many pixels is not seen, and not drawn. */
export const BOUND_MIN_PX = 3;
const FLAG_PX = 16;
const DOUBT_PX = 4;

/** Draws it; `graph` gives the places, `ink` the colours by name. */
export function drawOverlay(context, area, graph, what, ink) {
  context.save();
  context.beginPath();
  context.rect(area.x, area.y, area.w, area.h);
  context.clip();
  for (const [from, to] of what.shades) shade(context, area, graph, from, to, ink('--sunken'));
  for (const { fromMs, toMs } of what.kept) {
    shade(context, area, graph, fromMs, toMs, ink('--sunken'));
    hatch(context, area, graph, fromMs, toMs, ink('--edge'), true);
  }
  for (const { fromMs, toMs } of what.hidden) {
    hatch(context, area, graph, fromMs, toMs, ink('--edge'));
  }
  for (const limit of what.limits) drawLimit(context, area, graph, limit, ink);
  drawFlags(context, area, graph, what.marks, ink);
  drawDoubts(context, area, graph, what.doubts, ink('--wait'));
  if (what.boundMs) drawBound(context, area, graph, what.boundMs, ink('--wait'));
  context.restore();
}

function edges(area, graph, fromMs, toMs) {
  const left = Math.max(area.x, graph.toDomXCoord(fromMs));
  return [left, Math.min(area.x + area.w, graph.toDomXCoord(toMs)) - left];
}

function shade(context, area, graph, fromMs, toMs, colour) {
  const [left, width] = edges(area, graph, fromMs, toMs);
  context.fillStyle = colour;
  if (width > 0) context.fillRect(left, area.y, width, area.h);
}

/** Strokes that rise, or that fall and are further apart. */
function hatch(context, area, graph, fromMs, toMs, colour, isFalling = false) {
  const [left, width] = edges(area, graph, fromMs, toMs);
  if (width <= 0) return;
  context.save();
  context.beginPath();
  context.rect(left, area.y, Math.max(2, width), area.h);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.5;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - area.h; x < left + width; x += isFalling ? 14 : 8) {
    context.moveTo(x, area.y + (isFalling ? 0 : area.h));
    context.lineTo(x + area.h, area.y + (isFalling ? area.h : 0));
  }
  context.stroke();
  context.restore();
}

function drawLimit(context, area, graph, { value, axis, colour, text }, ink) {
  const y = Math.round(graph.toDomYCoord(value, axis)) + 0.5;
  if (!(y >= area.y && y <= area.y + area.h)) return;
  context.strokeStyle = ink(`--line-${colour % 8}`);
  context.lineWidth = 1.5;
  context.setLineDash([2, 4]);
  context.beginPath();
  context.moveTo(area.x, y);
  context.lineTo(area.x + area.w, y);
  context.stroke();
  context.setLineDash([]);
  context.font = font();
  const width = context.measureText(text).width;
  const isHigh = y - area.y > 16;
  paper(context, area.x + area.w - width - 8, isHigh ? y - 15 : y + 2, width + 6, 13, ink);
  context.fillStyle = ink('--ink');
  context.textBaseline = 'middle';
  context.fillText(text, area.x + area.w - width - 5, isHigh ? y - 8 : y + 9);
}

/** Notes: a line, or a bar over a span, with the number that the list below has too. */
function drawFlags(context, area, graph, marks, ink) {
  context.font = font(600);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { fromMs, toMs, number } of marks) {
    const x = Math.round(graph.toDomXCoord(fromMs)) + 0.5;
    const [left, width] = edges(area, graph, fromMs, toMs);
    context.strokeStyle = ink('--accent');
    context.fillStyle = ink('--accent');
    context.lineWidth = 1;
    if (width > 1) context.fillRect(left, area.y, width, 3);
    if (x < area.x || x > area.x + area.w) continue;
    context.beginPath();
    context.moveTo(x, area.y);
    context.lineTo(x, area.y + area.h);
    context.stroke();
    const text = String(number);
    const wide = Math.max(FLAG_PX, context.measureText(text).width + 8);
    const flag = Math.min(x, area.x + area.w - wide);
    context.fillRect(flag, area.y, wide, FLAG_PX);
    context.fillStyle = ink('--on-accent');
    context.fillText(text, flag + wide / 2, area.y + FLAG_PX / 2 + 0.5);
  }
  context.textAlign = 'start';
}

/** A strip at the foot, below what is less sure than it is drawn. */
function drawDoubts(context, area, graph, spans, colour) {
  context.fillStyle = colour;
  for (const { fromMs, toMs } of spans) {
    const [left, width] = edges(area, graph, fromMs, toMs);
    if (left < area.x + area.w) {
      context.fillRect(left, area.y + area.h - DOUBT_PX, Math.max(2, width), DOUBT_PX);
    }
  }
}

/** A ruler as wide as a time may be wrong to either side. */
function drawBound(context, area, graph, boundMs, colour) {
  const [from] = graph.xAxisRange();
  const width = graph.toDomXCoord(from + 2 * boundMs) - graph.toDomXCoord(from);
  if (width < BOUND_MIN_PX) return;
  const left = area.x + 8;
  const right = Math.min(left + width, area.x + area.w - 8);
  const y = area.y + area.h - 10.5;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  for (const x of [left, right]) {
    context.moveTo(x, y - 4);
    context.lineTo(x, y + 4);
  }
  context.moveTo(left, y);
  context.lineTo(right, y);
  context.stroke();
}

function paper(context, x, y, width, height, ink) {
  context.globalAlpha = 0.8;
  context.fillStyle = ink('--surface');
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
}

function font(weight = 400) {
  return `${weight} 11px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif`;
}
