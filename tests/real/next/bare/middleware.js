// The only lock of this application; Next.js before 14.2.25 and 15.2.3 can be told to leave it out (CVE-2025-29927).
import {NextResponse} from 'next/server';

export const middleware = (request) => NextResponse.redirect(new URL('/signin', request.url));
export const config = {matcher: ['/settings/:path*']};
