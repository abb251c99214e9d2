// Prints line and branch coverage of the core out of a Cobertura file: node coverage.mjs <file> [folder].
import { readFileSync } from 'node:fs';

const [path, folder] = process.argv.slice(2);
const files = new Map();
let lines;
for (const text of readFileSync(path, 'utf8').split('\n')) {
    const source = text.match(/ filename="([^"]*)"/)?.[1].replaceAll('\\', '/').split('/core/Serverless.Core/')[1];
    if (text.includes('<class ')) {
        lines = source && !source.startsWith('obj/') ? files.get(source) ?? new Map() : undefined;
        lines && files.set(source, lines);
    }

    const line = text.match(/<line number="(\d+)" hits="(\d+)"/);
    if (line && lines) {
        // A line can occur in a method and in a lambda of it: what either has reached is reached.
        const [, covered = 0, branches = 0] = text.match(/condition-coverage="[^"(]*\((\d+)\/(\d+)\)"/) ?? [];
        const known = lines.get(line[1]) ?? { hit: false, covered: 0, branches: 0 };
        lines.set(line[1], {
            hit: known.hit || Number(line[2]) > 0,
            covered: Math.max(known.covered, Number(covered)),
            branches: Math.max(known.branches, Number(branches)),
        });
    }
}

const rows = new Map();
const sum = { lines: 0, hit: 0, branches: 0, covered: 0 };
for (const [file, lines] of files) {
    const [room, ...rest] = file.split('/');
    if (folder && room !== folder) {
        continue;
    }

    const name = folder ? rest.join('/') : room;
    const row = rows.get(name) ?? { lines: 0, hit: 0, branches: 0, covered: 0, missed: [] };
    rows.set(name, row);
    for (const [number, line] of lines) {
        for (const target of [row, sum]) {
            target.lines++;
            target.hit += line.hit;
            target.branches += line.branches;
            target.covered += line.covered;
        }

        if (!line.hit || line.covered < line.branches) {
            row.missed.push(number);
        }
    }
}

const percent = (part, all) => `${(all === 0 ? 100 : (100 * part) / all).toFixed(1)} %`.padStart(9);
const print = (name, row) => console.log(`${name.padEnd(24)} lines ${percent(row.hit, row.lines)}  branches ${percent(row.covered, row.branches)}`
    + (folder && row.missed?.length > 0 ? `  not whole: ${row.missed.join(' ')}` : ''));
[...rows].sort(([a], [b]) => a.localeCompare(b)).forEach(([name, row]) => print(name, row));
print(folder || 'core', sum);
