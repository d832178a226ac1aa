#!/usr/bin/env node
// A browser without a window, for clients that open one: it follows redirects with
// the cookies that it is given, as far as the client's own page, and that is all. The
// authorization server logs its user in without a form to fill in.
//
//   node browser.mjs URL
const cookies = []; // {host, path, name, value}

function keep(url, line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const path = attributes.find((a) => /^path=/i.test(a))?.slice(5) ?? '/';
  const cookie = { host: url.host, path, name: pair.slice(0, at), value: pair.slice(at + 1) };
  const same = cookies.findIndex((c) => c.host === cookie.host && c.path === path && c.name === cookie.name);
  cookies.splice(same < 0 ? cookies.length : same, 1, cookie);
}

const sent = (url) =>
  cookies
    .filter((c) => c.host === url.host && url.pathname.startsWith(c.path) && c.value !== '')
    .map((c) => `${c.name}=${c.value}`)
    .join('; ');

let url = new URL(process.argv[2]);
for (let step = 0; step < 10; step++) {
  const answer = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html', cookie: sent(url) } });
  await answer.text();
  for (const line of answer.headers.getSetCookie()) keep(url, line);
  const location = answer.headers.get('location');
  if (location === null) {
    if (!answer.ok) throw new Error(`${url.origin}${url.pathname}: ${answer.status}`);
    process.exit(0);
  }
  url = new URL(location, url);
}
throw new Error('redirected without end');
