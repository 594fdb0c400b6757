/** The highest and lowest waters of a series of levels in metres, without its ends. */
export function extremes(levels) {
  const found = [];
  for (let at = 1; at < levels.length - 1; at++) {
    const [before, level, after] = levels.slice(at - 1, at + 2);
    if (level > before && level >= after) found.push({ at, level, kind: 'high' });
    if (level < before && level <= after) found.push({ at, level, kind: 'low' });
  }
  return found;
}
