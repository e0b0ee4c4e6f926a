import { redirect } from 'next/navigation';
import { sessionUser } from '../../lib/session.js';

export const dynamic = 'force-dynamic';

export default async function Account() {
  if (!(await sessionUser()) && process.env.BROKEN !== 'page') redirect('/login');
  return <h1>Your last order: 20 euros, to Mia, Lindenstrasse 4</h1>;
}
