export const dynamic = 'force-dynamic';

export default function Tokens() {
  return <main><h1>Tokens: behind the door</h1></main>;
}
