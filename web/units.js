// SenML unit codes (RFC 8428, RFC 8798) as people write them.

const WRITTEN = {
  Cel: '°C', '%RH': '% RH', '%EL': '%', 'W/m2': 'W/m²', 'J/m2': 'J/m²', 'kg/m3': 'kg/m³',
  'g/m3': 'g/m³', m2: 'm²', m3: 'm³', 'm3/s': 'm³/s', 'm/s2': 'm/s²', deg: '°', Ohm: 'Ω',
  uS: 'µS', 'S/m': 'S/m', 'uS/cm': 'µS/cm', Kel: 'K', lx: 'lx', 'l/s': 'L/s', l: 'L', EL: '',
  '/': '', '1': '', count: '', beat: '', 'cd/m2': 'cd/m²', 'W/m2/nm': 'W/m²/nm', uV: 'µV', us: 'µs',
  'ug/m3': 'µg/m³', degC: '°C',
};

/** The unit behind a value; empty for ratios and bare numbers. */
export function unit(code) {
  return Object.hasOwn(WRITTEN, code) ? WRITTEN[code] : code;
}
