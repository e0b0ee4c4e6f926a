import {prisma} from '@/lib/db';

export async function GET() {
  return Response.json({env: process.env, users: await prisma.user.count()});
}
