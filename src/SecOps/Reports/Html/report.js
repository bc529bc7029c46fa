'use strict';
// Text of unknown origin reaches the page through textContent alone, and addresses only as http or https.
const { words, findings } = JSON.parse(document.getElementById('data').textContent);
const page = 50;
const $ = id => document.getElementById(id);
const body = $('rows'), search = $('search'), status = $('status'), more = $('more');
const filters = ['category', 'state', 'scanner', 'fix'].map($);
const group = $('group');
const hidden = new Set();
let shown = [], groups = new Map(), drawn = 0, column = 'severity', down = true;

for (const f of findings) {
  f.text = [f.id, f.title, f.message, f.rule, f.place, f.state, f.category, f.scanners.join(' '), f.snippet, ...f.facts.flat()].join('\n').toLowerCase();
}

function element(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

function link(address, text) {
  if (!/^https?:\/\//i.test(address)) return document.createTextNode(text);
  const a = element('a', '', text);
  a.href = address;
  a.rel = 'noopener noreferrer';
  return a;
}

const isPresent = f => f.state !== 'fixed' && f.state !== 'not rescanned';

function groupOf(f) {
  return group.value === 'scanner' ? f.scanners.join(', ') : f[group.value];
}

function key(f) {
  switch (column) {
    case 'severity': return f.severity;
    case 'scanner': return f.scanners.join(' ');
    default: return f[column];
  }
}

function choose() {
  const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(w => w);
  const [category, state, scanner, fix] = filters.map(f => f.value);
  shown = findings.filter(f =>
    !hidden.has(f.severity) && (!category || f.category === category) && (state === 'all' || (state ? f.state === state : isPresent(f)))
    && (!scanner || f.scanners.includes(scanner)) && (!fix || f.fix === fix) && wanted.every(w => f.text.includes(w)));
  if (column !== 'severity' || !down) {
    const sign = down ? -1 : 1;
    shown = shown.map(f => [key(f), f]).sort((a, b) => sign * (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)).map(p => p[1]);
  }
  if (group.value) {
    // The group whose first finding comes first, first.
    groups = new Map();
    for (const f of shown) {
      const name = groupOf(f);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(f);
    }
    shown = [...groups.values()].flat();
  }
  body.replaceChildren();
  drawn = 0;
  draw(page);
}

function heading(f) {
  const tr = element('tr', 'group');
  tr.setAttribute('role', 'row');
  const th = element('th', '', `${groupOf(f)} (${groups.get(groupOf(f)).length})`);
  th.setAttribute('role', 'rowheader');
  th.colSpan = 6;
  tr.append(th);
  return tr;
}

function draw(count) {
  const part = document.createDocumentFragment();
  shown.slice(drawn, drawn + count).forEach((f, i) => {
    const above = shown[drawn + i - 1];
    if (group.value && (!above || groupOf(above) !== groupOf(f))) part.append(heading(f));
    part.append(row(f));
  });
  body.append(part);
  drawn = Math.min(shown.length, drawn + count);
  const rest = shown.length - drawn;
  more.hidden = rest === 0;
  more.textContent = `Show ${Math.min(rest, page)} more (${rest} left)`;
  const all = filters[1].value ? findings.length : findings.filter(isPresent).length;
  status.textContent = shown.length === 0 ? (findings.length ? 'No finding matches.' : 'No findings.')
    : `${shown.length} of ${all} findings${rest ? `, the first ${drawn} on the page` : ''}`;
}

function cell(className, content) {
  const td = element('td', className);
  td.setAttribute('role', 'cell');
  td.append(content);
  return td;
}

function row(f) {
  const tr = element('tr', 'finding');
  tr.setAttribute('role', 'row');
  tr.id = f.id;
  const open = element('button', 'open', f.title);
  open.type = 'button';
  open.setAttribute('aria-expanded', 'false');
  open.addEventListener('click', () => toggle(tr, f, open));
  tr.append(
    cell('c-severity', element('span', 'badge ' + words[f.severity], words[f.severity])),
    cell('c-title', open),
    cell('c-rule', element('span', '', f.rule)),
    cell('c-place', element('code', '', f.place)),
    cell('c-state', element('span', f.state === 'new' ? 'state-new' : '', f.state)),
    cell('c-scanner', element('span', '', f.scanners.join(', '))));
  return tr;
}

function toggle(tr, f, open) {
  const expanded = open.getAttribute('aria-expanded') === 'true';
  open.setAttribute('aria-expanded', String(!expanded));
  if (expanded) tr.nextElementSibling.remove();
  else tr.after(detail(f));
}

function detail(f) {
  const tr = element('tr', 'detail');
  tr.setAttribute('role', 'row');
  const td = cell('', '');
  td.colSpan = 6;
  if (f.message) td.append(element('p', '', f.message));
  if (f.snippet) td.append(code(f));
  const list = element('dl');
  const fact = (name, ...content) => {
    const dd = element('dd');
    dd.append(...content);
    list.append(element('dt', '', name), dd);
  };
  for (const [name, value] of f.facts) fact(name, name === 'Pull request' ? link(value, value) : value);
  if (f.url) fact('Explained at', link(f.url, f.url));
  if (f.cwe.length) fact('Weakness', ...f.cwe.flatMap((c, i) => [i ? ', ' : '', link(/^CWE-\d+$/.test(c) ? `https://cwe.mitre.org/data/definitions/${c.slice(4)}.html` : '', c)]));
  const self = element('a', '', f.id);
  self.href = '#' + encodeURIComponent(f.id);
  const copy = element('button', 'copy', 'Copy id');
  copy.type = 'button';
  copy.addEventListener('click', () => navigator.clipboard.writeText(f.id).then(() => { copy.textContent = 'Copied'; }, () => { copy.textContent = 'Press Ctrl+C'; getSelection().selectAllChildren(self); }));
  fact('Finding', self, ' ', copy);
  td.append(list);
  for (const [path, lines] of f.changes) td.append(element('p', 'soft', `Fix in ${path}`), change(path, lines));
  tr.append(td);
  return tr;
}

function block(label) {
  const pre = element('pre', 'code');
  pre.tabIndex = 0;
  pre.setAttribute('role', 'region');
  pre.setAttribute('aria-label', label);
  return pre;
}

function change(path, lines) {
  const pre = block('Fix in ' + path);
  const inner = element('code');
  for (const line of lines.split('\n')) inner.append(element('span', line[0] === '-' ? 'row removed' : 'row added', line));
  pre.append(inner);
  return pre;
}

function code(f) {
  const pre = block('Flagged code');
  const inner = element('code');
  f.snippet.split('\n').forEach((line, i) => {
    const number = f.line ? f.line + i : 0;
    const marked = !f.line || number <= (f.end || f.line);
    const r = element('span', marked ? 'row marked' : 'row');
    r.append(element('span', 'number', number ? String(number) : ''), line || ' ');
    inner.append(r);
  });
  pre.append(inner);
  return pre;
}

// A link to a finding opens it, whatever is filtered or not drawn yet.
function follow() {
  let id = '';
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const wanted = findings.find(f => f.id === id || f.aliases.includes(id));
  if (!wanted) return;
  if (!shown.includes(wanted)) {
    reset();
    if (!isPresent(wanted)) filters[1].value = 'all';
    choose();
  }
  const at = shown.indexOf(wanted);
  if (at >= drawn) draw(at - drawn + 1);
  const tr = $(wanted.id), open = tr.querySelector('.open');
  if (open.getAttribute('aria-expanded') === 'false') open.click();
  tr.scrollIntoView({ block: 'center' });
  open.focus({ preventScroll: true });
}

function reset() {
  search.value = '';
  filters.forEach(f => { f.value = ''; });
  group.value = '';
  hidden.clear();
  document.querySelectorAll('.chip').forEach(c => c.setAttribute('aria-pressed', 'true'));
  choose();
}

function options(select, values) {
  for (const value of [...new Set(values)].sort()) {
    const option = element('option', '', value);
    option.value = value;
    select.append(option);
  }
}

options(filters[0], findings.map(f => f.category));
options(filters[1], findings.map(f => f.state));
options(filters[2], findings.flatMap(f => f.scanners));
options(filters[3], findings.map(f => f.fix).filter(f => f));
filters[3].parentElement.hidden = filters[3].length === 1;
for (let s = words.length - 1; s >= 0; s--) {
  const count = findings.filter(f => f.severity === s && isPresent(f)).length;
  if (!count && !findings.some(f => f.severity === s)) continue;
  const chip = element('button', 'chip', `${words[s]} ${count}`);
  chip.type = 'button';
  chip.setAttribute('aria-pressed', 'true');
  chip.addEventListener('click', () => {
    if (!hidden.delete(s)) hidden.add(s);
    chip.setAttribute('aria-pressed', String(!hidden.has(s)));
    choose();
  });
  $('severities').append(chip);
}
document.querySelectorAll('th').forEach(th => th.firstElementChild.addEventListener('click', () => {
  down = column === th.dataset.column ? !down : th.dataset.column === 'severity';
  column = th.dataset.column;
  document.querySelectorAll('th').forEach(o => o.removeAttribute('aria-sort'));
  th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  choose();
}));
search.addEventListener('input', choose);
[...filters, group].forEach(f => f.addEventListener('change', choose));
$('reset').addEventListener('click', reset);
more.addEventListener('click', () => draw(page));
new IntersectionObserver(seen => { if (seen.some(e => e.isIntersecting) && !more.hidden) draw(page); }, { rootMargin: '600px' }).observe(more);
addEventListener('beforeprint', () => draw(shown.length - drawn));
addEventListener('hashchange', follow);
addEventListener('keydown', e => {
  if (e.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    search.focus();
  }
});
choose();
follow();
