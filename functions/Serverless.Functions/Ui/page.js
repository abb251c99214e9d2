'use strict';
const $ = id => document.getElementById(id);
const el = (tag, text, attributes = {}) => Object.assign(document.createElement(tag), { textContent: text ?? '' }, attributes);
const when = text => text ? new Date(text).toLocaleString() : '';
let key = sessionStorage.getItem('key');

// Three parts with dots between them are a token.
const credentials = () => !key ? {} : /^[\w-]+\.[\w-]+\.[\w-]+$/.test(key) ? { Authorization: 'Bearer ' + key } : { 'x-functions-key': key };

async function api(path) {
  const answer = await fetch('/api/' + path, { headers: credentials() });
  if (answer.status === 401) {
    key = prompt('API key or bearer token');
    if (key) { sessionStorage.setItem('key', key); return api(path); }
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? ('The server answered ' + answer.status));
  return body;
}

async function list(token) {
  const query = $('query').value.trim();
  const page = await api('workflows?pageSize=50' + (query ? '&query=' + encodeURIComponent(query) : '') + (token ? '&pageToken=' + encodeURIComponent(token) : ''));
  const table = el('table');
  const head = table.createTHead().insertRow();
  for (const name of ['Status', 'Type', 'Id', 'Started', 'Closed', 'Events']) head.append(el('th', name));
  const body = table.createTBody();
  for (const w of page.workflows) {
    const row = body.insertRow();
    row.insertCell().append(el('span', w.status, { className: w.status }));
    row.insertCell().append(w.type);
    row.insertCell().append(el('a', w.id, { href: '#' + encodeURIComponent(w.id) }));
    row.append(el('td', when(w.startTime), { className: 'num' }), el('td', when(w.closeTime), { className: 'num' }), el('td', w.historyLength, { className: 'num' }));
  }
  const main = $('main');
  main.replaceChildren(page.workflows.length ? table : el('p', 'No workflows here yet.', { className: 'dim' }));
  if (page.nextPageToken) main.append(el('p')), main.lastChild.append(el('button', 'Older', { onclick: () => show(() => list(page.nextPageToken)) }));
}

async function one(id) {
  const path = 'workflows/' + encodeURIComponent(id);
  const [w, h] = await Promise.all([api(path), api(path + '/history')]);
  const main = $('main');
  main.replaceChildren(el('h2', w.type + ' · ' + w.id), el('p', w.status, { className: w.status }));
  for (const line of w.waitsFor ?? []) main.append(el('p', 'Waits for ' + line));
  main.append(el('h2', 'State'), el('pre', JSON.stringify(w, null, 2)), el('h2', 'History'));
  const table = el('table');
  for (const e of h.events) {
    const row = table.insertRow();
    row.append(el('td', e.id, { className: 'num' }), el('td', when(e.time), { className: 'num' }), el('td', e.type));
    row.insertCell().append(el('pre', JSON.stringify(e.attributes)));
  }
  main.append(table);
}

async function show(view) {
  $('error').textContent = '';
  try { await view(); } catch (error) { $('error').textContent = error.message; }
}
const route = () => show(() => location.hash.length > 1 ? one(decodeURIComponent(location.hash.slice(1))) : list());
addEventListener('hashchange', route);
$('search').addEventListener('submit', event => { event.preventDefault(); location.hash = ''; show(() => list()); });
show(async () => { const h = await api('health'); $('hub').textContent = h.hub ? 'hub ' + h.hub + ' · ' + h.store : ''; });
route();
