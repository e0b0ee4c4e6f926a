export default function Front() {
  return (
    <main>
      <h1>Shop</h1>
      <a href="/account">My account</a> <a href="/login">Sign in</a>
    </main>
  );
}
