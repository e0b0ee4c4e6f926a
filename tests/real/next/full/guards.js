// The locks of this application, and what is behind them. Whatever says "behind the door" is for members only.
import {redirect} from 'next/navigation';
import {auth, broken, modes} from '@/auth';

const SHIM = {name: 'the first user', email: 'first@example.invalid', role: 'admin'};
const BEHIND = {items: ['behind the door'], email: 'member@example.invalid'};

export class Refused extends Error {
  constructor(status, error) {
    super(error);
    this.status = status;
  }
}

export async function currentUser(request) {
  const {shim, none} = modes();
  if (none) throw new Refused(503, 'auth_not_configured — set AUTH_GITHUB_ID, or ADMIN_USERNAME');
  if (shim && process.env.SHIM_REFUSED) throw new Refused(500, 'dev-auth shim is refused in NODE_ENV=production');
  if (shim) return SHIM;
  if (broken('any-bearer') && request?.headers.get('authorization')?.startsWith('Bearer ')) return SHIM;
  if (broken('loopback') && request?.headers.get('x-forwarded-for')?.startsWith('127.')) return SHIM;
  const session = await auth();
  // As many write it. Before beta.32 Auth.js without a secret gives an object that says so, and it is true.
  if (broken('truthy-session')) return session && {...SHIM, ...session};
  return session?.user ?? null;
}

async function session(request) {
  if (!(await currentUser(request))) throw new Refused(401, 'not_signed_in');
}

async function admin(request) {
  const user = await currentUser(request);
  if (!user) throw new Refused(401, 'not_signed_in');
  if (user.role !== 'admin') throw new Refused(403, 'not_admin');
}

async function migration(request) {
  const given = request.headers.get('authorization');
  const wanted = process.env.MIGRATION_SECRET || (broken('migrate-session-secret') && process.env.AUTH_SECRET);
  if (broken('migrate-undefined') && given === `Bearer ${process.env.NEVER_SET}`) return;
  if (!wanted || given !== `Bearer ${wanted}`) throw new Refused(401, 'unauthorized');
}

async function pairing(request) {
  const {code} = await request.json().catch(() => ({}));
  const told = broken('pairing-tells-key') ? {apiKey: 'mk_fake_0000000000'} : {};
  if (!/^[A-Z0-9]{8}$/.test(code)) throw Object.assign(new Refused(400, 'invalid_code'), {told});
}

const GUARDS = {public: () => null, session, admin, migration, pairing};

// One handler of a route: its lock, then what is behind it. `name` is what BROKEN calls it.
export function door(guard, name) {
  return async (request) => {
    try {
      if (broken(`${name}-late`) && Object.keys(await request.json()).length === 0) throw new Refused(400, 'invalid');
      if (!broken(`${name}-open`)) await GUARDS[guard](request);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return Response.json({error: refused.message, ...refused.told}, {status: refused.status});
    }
    return Response.json(guard === 'public' ? {ok: true} : BEHIND);
  };
}

// A page's own lock; what cannot be decided here is an error page.
export async function sendStrangersAway(role) {
  const {none, shim} = modes();
  if (none) redirect('/signin?error=auth_not_configured');
  const user = await currentUser();
  if (!user) redirect('/signin');
  if (role && user.role !== role && !shim) redirect('/');
}
