import {prisma} from '@/lib/db';
import {sendResetMail} from '@/lib/mail';

export async function POST(request: Request) {
  const {email} = await request.json();
  const user = await prisma.user.findUnique({where: {email}});
  if (user) await sendResetMail(user);
  return Response.json({message: 'If there is such an account, a mail is on its way.'});
}
