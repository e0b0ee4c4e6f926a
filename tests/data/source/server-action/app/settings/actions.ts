'use server';

import {prisma} from '@/lib/db';

export async function renameProject(id: string, name: string) {
  await prisma.project.update({where: {id}, data: {name}});
}
