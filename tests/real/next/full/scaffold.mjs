// Next.js routes by files: writes one for each route and page, below app/. The name of the middleware is the argument.
import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';

const API = {
  'healthz': {GET: 'public'}, 'readyz': {GET: 'public'},
  'me': {GET: 'session'}, 'me/password': {POST: 'session'},
  'knowledge': {GET: 'session', POST: 'session'}, 'knowledge/retrieve': {POST: 'session'},
  'knowledge/[id]': {GET: 'session', PATCH: 'session', DELETE: 'session', POST: 'session'},
  'knowledge/[id]/fork-to-project': {POST: 'session'}, 'knowledge/[id]/promote': {POST: 'session'},
  'knowledge/[id]/related': {GET: 'session'},
  'admin/users': {GET: 'admin'}, 'admin/users/[id]/role': {PATCH: 'admin'},
  'admin/gdpr/export/[userId]': {GET: 'admin'}, 'admin/gdpr/erase/[userId]': {POST: 'admin'},
  'admin/knowledge/reset': {POST: 'admin'}, 'admin/vouchers': {GET: 'admin', POST: 'admin'},
  'admin/vouchers/[id]': {PATCH: 'admin', DELETE: 'admin'}, 'admin/audit-log': {GET: 'admin'},
  'admin/cost-ledger': {GET: 'admin'}, 'admin/queue-health': {GET: 'admin'}, 'admin/backup-status': {GET: 'admin'},
  'org/members': {GET: 'admin'}, 'exports': {GET: 'session'}, 'machines/pair': {POST: 'pairing'}, 'migrate': {POST: 'migration'},
};
// Where the lock of each page is: nowhere, in the middleware, in the page itself, or in a layout above it.
const PAGES = {
  'signin': 'open', 'signout': 'open', 'welcome': 'open', 'docs': 'open', 'forgot-password': 'open', 'reset-password': 'open',
  '': 'middleware', 'settings/tokens': 'middleware', 'settings/audit': 'middleware', 'settings/projects': 'middleware',
  'settings/org': 'page', 'settings/password': 'page', 'settings/reset-knowledge': 'page',
  'admin': 'admin', 'admin/users': 'admin', 'admin/vouchers': 'admin', 'admin/audit': 'admin', 'admin/cost-ledger': 'admin',
  'layout-only/report': 'above', 'streamed/report': 'page', 'streamed/layout-only/report': 'above', 'prefetched': 'middleware', 'static': 'static',
};

const write = (path, text) => {
  mkdirSync(dirname(`app/${path}`), {recursive: true});
  writeFileSync(`app/${path}`, text);
};
const guarding = (role) => `import {sendStrangersAway} from '@/guards';\n`
  + `export default async function Guarded({children}) { await sendStrangersAway(${role}); return children; }\n`;

for (const [path, methods] of Object.entries(API)) {
  const name = path.replaceAll('/', '-').replaceAll(/[[\]]/g, '');
  const exported = Object.entries(methods).map(
    ([method, guard]) => `export const ${method} = door('${guard}', '${name}${method === 'GET' ? '' : `-${method.toLowerCase()}`}');\n`,
  );
  write(`api/${path}/route.js`, `import {door} from '@/guards';\nexport const dynamic = 'force-dynamic';\n${exported.join('')}`);
}
write('api/auth/[...nextauth]/route.js', `import {handlers} from '@/auth';\nexport const {GET, POST} = handlers;\n`);

for (const [path, lock] of Object.entries(PAGES)) {
  const name = path.replaceAll('/', '-') || 'home';
  const role = lock === 'admin' ? `'admin'` : '';
  const guard = {page: true, admin: true}[lock] ? `  if (!broken('${name}-page-open')) await sendStrangersAway(${role});\n` : '';
  const shown = lock === 'open' ? `Everybody may read ${name}; you may need a voucher.` : `${name}: behind the door`;
  write(`${path}/page.js`.replace(/^\//, ''), `import {broken} from '@/auth';\nimport {sendStrangersAway} from '@/guards';\n`
    + (lock === 'static' ? '' : `export const dynamic = 'force-dynamic';\n`)
    + `export default async function Page() {\n${guard}  return <main><h1>${shown}</h1></main>;\n}\n`);
}
write('layout.js', `export default function Root({children}) { return <html lang="en"><body>{children}</body></html>; }\n`);
write('settings/org/layout.js', 'export default function Menu({children}) { return <section><h2>A menu for all</h2>{children}</section>; }\n');
write('layout-only/layout.js', guarding(''));
write('streamed/layout-only/layout.js', guarding(''));
write('streamed/loading.js', 'export default function Loading() { return <p>One moment</p>; }\n');
if (process.argv[2] !== 'proxy.js') renameSync('proxy.js', process.argv[2]);
