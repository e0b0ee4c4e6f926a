// Sends strangers away from the pages; named middleware.js before Next.js 16.
import {NextResponse} from 'next/server';
import {auth, broken, modes} from '@/auth';

const away = (request, error) => {
  const url = new URL('/signin', request.url);
  if (error) url.searchParams.set('error', error);
  else url.searchParams.set('callbackUrl', request.nextUrl.pathname);
  return NextResponse.redirect(url);
};

export default auth((request) => {
  const {none, shim} = modes();
  if (none) return away(request, 'auth_not_configured');
  if (shim || request.auth?.user) return NextResponse.next();
  if (broken('pages-open') && request.nextUrl.pathname === '/settings/tokens') return NextResponse.next();
  if (broken('pages-prefetch') && request.headers.get('purpose') === 'prefetch') return NextResponse.next();
  if (broken('pages-exact') && request.nextUrl.searchParams.size) return NextResponse.next();
  if (broken('pages-loopback') && request.headers.get('x-forwarded-for')?.startsWith('127.')) return NextResponse.next();
  return away(request);
});

export const config = {
  matcher: [
    '/', '/settings/tokens', '/settings/audit', '/settings/projects', '/everything/:path*',
    // As the documentation of Next.js has it, so that prefetches cost nothing.
    {source: '/prefetched', missing: [{type: 'header', key: 'next-router-prefetch'}, {type: 'header', key: 'purpose', value: 'prefetch'}]},
  ],
};
