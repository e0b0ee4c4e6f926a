import type {NextApiRequest, NextApiResponse} from 'next';
import {prisma} from '@/lib/db';

export default async function handler(request: NextApiRequest, response: NextApiResponse) {
  const users = await prisma.user.findMany();
  response.status(200).json(users);
}
