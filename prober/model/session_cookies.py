"""The names of session cookies, by each library's documentation. Pure."""

from __future__ import annotations

# The session cookies of Auth.js v5 and NextAuth v4, plain and with the prefix that they take over TLS.
SESSION_COOKIES = (
    "authjs.session-token",
    "__Secure-authjs.session-token",
    "next-auth.session-token",
    "__Secure-next-auth.session-token",
)
# The session cookies of other libraries, by their default names.
COMMON_COOKIES = (
    "session", "sessionid", "sid", "connect.sid", "PHPSESSID", "JSESSIONID", "SESSION", "laravel_session",
    "_session_id", "_app_session", "ASP.NET_SessionId", ".AspNetCore.Cookies", ".AspNetCore.Identity.Application",
    "better-auth.session_token", "__Secure-better-auth.session_token", "__session", "__client_uat", "auth_session",
    "sb-access-token", "sb-auth-token", "iron-session", "remember_token", "rememberMe", "token", "auth", "auth_token",
    "access_token", "id_token", "jwt", "user", "user_id", "is_authenticated", "isAuthenticated", "isLoggedIn",
    "logged_in", "loggedin", "authenticated", "admin", "is_admin", "role", "refresh_token", "userid", "user_session",
    "appSession", "_oauth2_proxy", "rack.session", "koa.sess", "ory_kratos_session", "directus_session_token",
    "payload-token", "nuxt-session", "fastapiusersauth", "CF_Authorization", "beaker.session.id", "ci_session",
    "CAKEPHP", "_gitlab_session", "grafana_session", "wordpress_logged_in", "sb-127-auth-token",
    "sb-localhost-auth-token", "loggedIn", "isAdmin", "session_id", "session_token",
)  # fmt: skip
# Those of them that hold a JWT where an application makes its sessions of such.
JWT_COOKIES = (
    "session",
    "token",
    "auth",
    "auth_token",
    "access_token",
    "id_token",
    "jwt",
    "refresh_token",
    "session_token",
    "__session",
    "sb-access-token",
    "appSession",
    "CF_Authorization",
    "fastapiusersauth",
    "payload-token",
    "user",
)
