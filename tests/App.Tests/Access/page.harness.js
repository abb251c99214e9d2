// Runs the script of the page in a document that has only what makes no markup: any other way of showing a text is noted as forbidden. Reads answers by path from standard input, and
// writes which elements, links and texts the page shows.
'use strict';
const { readFileSync } = require('node:fs');
const { runInNewContext } = require('node:vm');

const [script, hash] = process.argv.slice(2);
const answers = JSON.parse(readFileSync(0, 'utf8'));
const shown = { tags: [], links: [], texts: [], forbidden: [] };
const allowed = new Set(['textContent', 'className', 'href', 'onclick', 'value']);

function node(tag) {
  const self = {
    tag, children: [], textContent: '', value: '', lastChild: null,
    append(...parts) { for (const part of parts) { self.children.push(part); self.lastChild = part; } },
    replaceChildren(...parts) { self.children = parts; self.lastChild = parts.at(-1); },
    addEventListener() { },
    child(name) { const made = node(name); self.append(made); return made; },
    createTHead: () => self.child('thead'), createTBody: () => self.child('tbody'),
    insertRow: () => self.child('tr'), insertCell: () => self.child('td'),
  };
  return new Proxy(self, {
    set(target, name, value) {
      if (!allowed.has(name)) shown.forbidden.push('sets ' + String(name) + ' of <' + tag + '>');
      target[name] = value;
      return true;
    },
    get(target, name) {
      if (!(name in target) && name !== 'href' && name !== 'className') shown.forbidden.push('reads ' + String(name) + ' of <' + tag + '>');
      return target[name];
    },
  });
}

function collect(part) {
  if (typeof part !== 'object') { shown.texts.push(String(part)); return; }
  shown.tags.push(part.tag);
  if (part.href !== undefined) shown.links.push(part.href);
  shown.texts.push(String(part.textContent));
  part.children.forEach(collect);
}

const elements = { hub: node('span'), query: node('input'), search: node('form'), error: node('div'), main: node('main') };
const page = {
  document: new Proxy({ getElementById: id => elements[id], createElement: node }, {
    get(target, name) {
      if (!(name in target)) shown.forbidden.push('uses document.' + String(name));
      return target[name];
    },
  }),
  location: { hash, search: '' },
  sessionStorage: { getItem: () => null, setItem() { } },
  addEventListener() { },
  prompt: () => { shown.forbidden.push('asks for a key'); },
  fetch: async path => decodeURIComponent(path) in answers
    ? { ok: true, status: 200, json: async () => answers[decodeURIComponent(path)] }
    : { ok: false, status: 404, json: async () => ({}) },
};
runInNewContext(readFileSync(script, 'utf8'), page);
setImmediate(() => setImmediate(() => {
  Object.values(elements).forEach(collect);
  process.stdout.write(JSON.stringify(shown));
}));
