import {prisma} from '@/lib/db';
import {getCurrentUserId} from '@/lib/brain/auth';

export async function GET() {
  return Response.json(await prisma.token.findMany());
}
