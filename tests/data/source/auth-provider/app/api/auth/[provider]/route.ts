import {prisma} from '@/lib/db';

export async function GET(_: Request, {params}: {params: Promise<{provider: string}>}) {
  const {provider} = await params;
  return Response.json(await prisma.account.findMany({where: {provider}}));
}
