export default function Login() {
  return (
    <form method="post">
      <input name="user" />
      <input name="password" type="password" />
    </form>
  );
}
