import {prisma} from '@/lib/db';
import {authErrorResponse} from '@/lib/brain/auth';

export async function GET() {
  try {
    const user = await prisma.user.findFirst();
    return Response.json(user);
  } catch (error) {
    return authErrorResponse(error);
  }
}
