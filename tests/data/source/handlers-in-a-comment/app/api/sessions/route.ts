import {prisma} from '@/lib/db';

// The handlers of this file are for the dashboard.
export const GET = async () => Response.json(await prisma.session.findMany());
