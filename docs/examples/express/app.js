// A shop with sessions: pages that send strangers to sign in, an API that refuses them, an administrator's page.
// BROKEN=session, page or admin breaks one guard, as it happens to people. `node app.js --routes` lists the routes.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import express from 'express';
import session from 'express-session';

const broken = process.env.BROKEN ?? '';
const passwords = { mia: process.env.MEMBER_PASSWORD, root: process.env.ADMIN_PASSWORD };

function isRight(user, password) {
  const known = Object.hasOwn(passwords, user) ? passwords[user] : undefined;
  if (!known || typeof password !== 'string' || password.length !== known.length) return false;
  return timingSafeEqual(Buffer.from(password), Buffer.from(known));
}

function signedIn(req) {
  // It looks whether there is a cookie, and not whose session it is.
  if (broken === 'session') return (req.headers.cookie ?? '').includes('sid=');
  return Boolean(req.session.user);
}

const api = (req, res, next) => (signedIn(req) ? next() : res.status(401).json({ error: 'sign in first' }));
const page = (req, res, next) => (signedIn(req) || broken === 'page' ? next() : res.redirect('/login'));
const admin = (req, res, next) => (req.session.user === 'root' || broken === 'admin' ? next() : res.sendStatus(403));

const app = express();
app.use(express.json());
app.use(session({ name: 'sid', secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: true }));

app.get('/', (_req, res) => res.send('<h1>Shop</h1><a href="/basket">basket</a> <a href="/login">sign in</a>'));
app.get('/healthz', (_req, res) => res.json({ ok: true }));
app.get('/login', (_req, res) => res.send('<form method="post"><input name="user"><input type="password"></form>'));
app.post('/login', (req, res) => {
  if (!isRight(req.body?.user, req.body?.password)) return res.status(401).json({ error: 'wrong password' });
  req.session.user = req.body.user;
  res.json({ ok: true });
});
app.get('/basket', page, (_req, res) => res.send('<h1>Your basket</h1>'));
app.get('/api/orders', api, (_req, res) => res.json([{ order: 1, buyer: 'Mia' }]));
app.post('/api/orders', api, (req, res) => {
  if (typeof req.body?.item !== 'string') return res.status(400).json({ error: 'item is missing' });
  res.status(201).json({ order: 2 });
});
app.get('/admin/users', admin, (_req, res) => res.json(['mia', 'root']));

if (process.argv.includes('--routes')) {
  for (const { route } of app.router.stack) {
    if (route) for (const method of Object.keys(route.methods)) console.log(method.toUpperCase(), route.path);
  }
} else {
  app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
}
