import {prisma} from '@/lib/db';
import {requireAdmin} from '@/lib/brain/auth';

export async function GET() {
  requireAdmin();
  return Response.json(await prisma.user.findMany());
}
