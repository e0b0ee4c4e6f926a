// An API of Express with a guard for bearers, written as its documentation does: PORT FORM.
import { timingSafeEqual } from 'node:crypto';
import express from 'express';

const [port, form] = process.argv.slice(2);
const secret = Buffer.from('a-members-own-token');

function isOurs(token) {
  const given = Buffer.from(token);
  return given.length === secret.length && timingSafeEqual(given, secret);
}

const checks = {
  locked: isOurs,
  'any-bearer': () => true,
  // The secret is not set in the environment: the template literal makes 'Bearer undefined' of that.
  'secret-unset': (token) => `Bearer ${token}` === `Bearer ${process.env.NOTES_SECRET_THAT_NOBODY_SET}`,
  'by-path': isOurs,
};

function guard(req, res, next) {
  const [scheme, token] = (req.headers.authorization ?? '').split(' ');
  if (scheme === 'Bearer' && token && checks[form](token)) return next();
  res.set('WWW-Authenticate', 'Bearer').status(401).json({ error: 'unauthorized' });
}

const app = express();
app.use(express.json());
app.get('/api/health', (_req, res) => res.json({ ok: true }));
// Express finds a route in any case and with a slash at its end; who compares the path himself does not.
if (form === 'by-path') app.use((req, res, next) => (req.path.startsWith('/api/notes') ? guard(req, res, next) : next()));
else app.use('/api/notes', guard);
app.get('/api/notes', (_req, res) => res.json([{ text: 'the plans for next year' }]));
app.get('/api/notes/:number', (req, res) => res.json({ text: 'the plans for next year', number: req.params.number }));
app.post('/api/notes', (req, res) => {
  if (typeof req.body?.text !== 'string') return res.status(400).json({ error: 'text is missing' });
  res.status(201).json(req.body);
});
app.listen(Number(port), '127.0.0.1');
