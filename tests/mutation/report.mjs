// Prints what a mutation run found, file by file, and every survivor that core/Serverless.Core/<folder>/Mutants.md does not explain.
// node report.mjs <folder> <mutation-report.json>. Exit code 0 only when none is left.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, path] = process.argv.slice(2);
const notes = join(dirname(fileURLToPath(import.meta.url)), '../../core/Serverless.Core', folder, 'Mutants.md');
const explained = new Set(existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').filter(line => line.startsWith('* `')).map(line => line.trim()) : []);
const seen = new Set();
const left = [];
const sum = { all: 0, killed: 0, explained: 0, left: 0, invalid: 0 };

const short = text => text.replace(/\s+/g, ' ').trim().slice(0, 100);

/** The source text from start to end, both counted from 1. */
function span(lines, { start, end }) {
    return lines.slice(start.line - 1, end.line)
        .map((line, i, all) => line.slice(i === 0 ? start.column - 1 : 0, i === all.length - 1 ? end.column - 1 : undefined))
        .join('\n');
}

const rows = [];
for (const [file, { source, mutants }] of Object.entries(JSON.parse(readFileSync(path, 'utf8')).files)) {
    const row = { file: basename(file), all: 0, killed: 0, explained: 0, left: 0, invalid: 0 };
    for (const mutant of mutants) {
        if (mutant.status === 'Ignored') {
            continue;
        }

        if (mutant.status === 'CompileError') {
            row.invalid++;
            continue;
        }

        row.all++;
        // RuntimeError: the process of the tests ended, as by a stack that overflows.
        if (['Killed', 'Timeout', 'RuntimeError'].includes(mutant.status)) {
            row.killed++;
            continue;
        }

        const entry = `* \`${row.file}\`: \`${short(span(source.split('\n'), mutant.location))}\` → \`${short(mutant.replacement)}\``;
        if (explained.has(entry)) {
            seen.add(entry);
            row.explained++;
        } else {
            row.left++;
            left.push(`${entry}   line ${mutant.location.start.line}, ${mutant.status}`);
        }
    }

    if (row.all + row.invalid > 0) {
        rows.push(row);
        Object.keys(sum).forEach(key => { sum[key] += row[key]; });
    }
}

const line = row => `${row.file.padEnd(24)}${['all', 'killed', 'explained', 'left', 'invalid'].map(key => String(row[key]).padStart(11)).join('')}`;
console.log(line({ file: 'file', all: 'mutants', killed: 'killed', explained: 'explained', left: 'survived', invalid: 'no C#' }));
rows.sort((a, b) => a.file.localeCompare(b.file)).forEach(row => console.log(line(row)));
console.log(line({ file: 'sum', ...sum }));
left.forEach(entry => console.log(entry));
const mutated = new Set(rows.map(row => row.file));
[...explained].filter(entry => !seen.has(entry) && mutated.has(entry.split('`')[1])).forEach(entry => console.log(`Explained, but no survivor any more: ${entry}`));
console.log(`${sum.all} mutants, ${sum.killed} killed, ${sum.explained} explained, ${sum.left} survived without an explanation`);
process.exitCode = sum.left === 0 ? 0 : 1;
