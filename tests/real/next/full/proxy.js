// Sends strangers away from the pages; named middleware.js before Next.js 16.
import {NextResponse} from 'next/server';
import {auth, broken, modes} from '@/auth';

const OPEN = ['/signin', '/signout', '/welcome', '/docs', '/forgot-password', '/reset-password'];
const GUARDED = ['/', '/settings/tokens', '/settings/audit', '/settings/projects', '/static', '/prefetched'];

const away = (request, error) => {
  const url = new URL('/signin', request.url);
  if (error) url.searchParams.set('error', error);
  else url.searchParams.set('callbackUrl', request.nextUrl.pathname);
  return NextResponse.redirect(url);
};

// GUARDS=everything: all but the open pages, also where nothing is; else the pages named above.
const isGuarded = (path) => (process.env.GUARDS === 'everything' ? !OPEN.includes(path) : GUARDED.includes(path));

export default auth((request) => {
  const {none, shim} = modes();
  if (!isGuarded(request.nextUrl.pathname)) return NextResponse.next();
  if (none) return away(request, 'auth_not_configured');
  if (shim || request.auth?.user) return NextResponse.next();
  if (broken('pages-open') && request.nextUrl.pathname === '/settings/tokens') return NextResponse.next();
  if (broken('pages-prefetch') && request.headers.get('purpose') === 'prefetch') return NextResponse.next();
  if (broken('pages-query') && request.nextUrl.searchParams.size) return NextResponse.next();
  return away(request);
});

export const config = {
  matcher: [
    '/((?!api|_next/static|_next/image|prefetched).*)',
    // As the documentation of Next.js has it, so that prefetches cost nothing.
    {source: '/prefetched', missing: [{type: 'header', key: 'next-router-prefetch'}, {type: 'header', key: 'purpose', value: 'prefetch'}]},
  ],
};
