import {prisma} from '@/lib/db';

export async function POST(request: Request) {
  const {token, password} = await request.json();
  const invite = await prisma.invite.findUnique({where: {token}});
  if (!invite) return Response.json({error: 'invite_not_found'}, {status: 404});
  await prisma.user.create({data: {email: invite.email, password}});
  return Response.json({ok: true}, {status: 201});
}
