// Auth.js as its documentation sets it up; which providers there are is read from the environment when the server starts.
import {skipCSRFCheck} from '@auth/core';
import NextAuth from 'next-auth';
import Credentials from 'next-auth/providers/credentials';
import GitHub from 'next-auth/providers/github';

// A check that stands in a module, and throws when it is told to, at the first request that needs it. Not in the
// middleware of Next.js 15, which then leaves some requests without an answer.
if (process.env.BOOT_CHECK === 'when-used' && process.env.NEXT_RUNTIME !== 'edge') throw new Error('DATABASE_URL is not set');

const set = (name) => Boolean(process.env[name]);

// A defect that was asked for: BROKEN=me-open,migrate-undefined
export const broken = (name) => (process.env.BROKEN || '').split(',').includes(name);

export function modes() {
  const credentials = set('ADMIN_USERNAME') && set('ADMIN_PASSWORD_HASH');
  const oauth = set('AUTH_GITHUB_ID') && set('AUTH_GITHUB_SECRET') && (set('AUTH_SECRET') || set('EXPECT_SECRET'));
  const shim = !credentials && !oauth && process.env.ALLOW_DEV_AUTH?.toLowerCase() === 'true';
  return {credentials, oauth, shim, none: !credentials && !oauth && !shim};
}

const administrator = Credentials({
  id: 'admin-credentials',
  credentials: {username: {}, password: {}},
  authorize: ({username, password}) =>
    broken('any-password') || (username === process.env.ADMIN_USERNAME && password === process.env.ADMIN_PASSWORD_HASH)
      ? {id: '1', name: username, email: 'admin@example.invalid'}
      : null,
});

const {credentials, oauth} = modes();

export const {handlers, auth} = NextAuth({
  providers: [...(oauth ? [GitHub] : []), ...(credentials ? [administrator] : [])],
  pages: {signIn: '/signin'},
  ...(broken('no-csrf') && {skipCSRFCheck}),
});
