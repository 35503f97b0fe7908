/** Puts build/bench/latest.md and soak.md between their marks in README.md: `tests/bench/run docs`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const README = 'tests/bench/README.md';
let text = readFileSync(README, 'utf8');
for (const name of ['latest', 'soak']) {
  const path = `build/bench/${name}.md`;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${README} has no ${begin} … ${end}`);
  if (!existsSync(path)) console.log(`${path} is not there: its part of ${README} stays as it is`);
  else text = `${text.slice(0, from + begin.length)}\n\n${readFileSync(path, 'utf8')}\n${text.slice(to)}`;
}
writeFileSync(README, text);
