"""What a client may claim to be: headers that only a proxy or the application's own services should set. Data. Pure.

Each list is one request: none masks another, and a server takes at most a hundred headers.
"""

from __future__ import annotations

import base64
import json

from prober.plan.credential_values import FAR_AWAY, signed
from prober.plan.request_mutations import UNKNOWN_HOST

_NAME, _ADDRESS = "admin", f"admin@{UNKNOWN_HOST}"
_GROUPS = "admin,admins"  # what its users call the group of administrators, as each proxy joins groups
_CLAIMS: dict[str, object] = {"sub": _NAME, "email": _ADDRESS, "exp": FAR_AWAY}
_TOKEN = signed(_CLAIMS, key=None)
_CLAIMS_IN_BASE64 = base64.b64encode(json.dumps(_CLAIMS).encode()).decode()
_PRINCIPAL = base64.b64encode(
    json.dumps({"auth_typ": "aad", "name_typ": "name", "role_typ": "roles", "claims": [
        {"typ": "name", "val": _NAME}, {"typ": "roles", "val": "admin"},
    ]}).encode()
).decode()  # fmt: skip

# Who a proxy that signs users in says that the user is, by the documentation of each.
IDENTITY: tuple[tuple[str, str], ...] = (
    ("Remote-User", _NAME), ("Remote-Name", _NAME), ("Remote-Email", _ADDRESS), ("Remote-Groups", _GROUPS),
    ("X-Remote-User", _NAME), ("X-Forwarded-User", _NAME), ("X-Forwarded-Email", _ADDRESS),
    ("X-Forwarded-Preferred-Username", _NAME), ("X-Forwarded-Groups", _GROUPS), ("X-Forwarded-Access-Token", _TOKEN),
    ("X-Auth-Request-User", _NAME), ("X-Auth-Request-Email", _ADDRESS), ("X-Auth-Request-Groups", _GROUPS),
    ("X-Auth-Request-Preferred-Username", _NAME), ("X-Auth-Request-Access-Token", _TOKEN), ("X-WEBAUTH-USER", _NAME),
    ("X-Authenticated-User", _NAME), ("X-Authenticated-Userid", "1"), ("X-Auth-User", _NAME), ("X-Auth-User-Id", "1"),
    ("X-User", _NAME), ("X-User-Id", "1"), ("X-UserId", "1"), ("X-Username", _NAME), ("X-User-Email", _ADDRESS),
    ("X-Email", _ADDRESS), ("X-Sub", _NAME), ("X-Authentik-Username", _NAME), ("X-Authentik-Email", _ADDRESS),
    ("Cf-Access-Authenticated-User-Email", _ADDRESS), ("Cf-Access-Jwt-Assertion", _TOKEN),
    ("X-Goog-Authenticated-User-Email", f"accounts.google.com:{_ADDRESS}"),
    ("X-Goog-Authenticated-User-Id", "accounts.google.com:1"), ("X-Goog-Iap-Jwt-Assertion", _TOKEN),
    ("X-Amzn-Oidc-Identity", _NAME), ("X-Amzn-Oidc-Data", _TOKEN), ("X-Amzn-Oidc-Accesstoken", _TOKEN),
    ("X-MS-CLIENT-PRINCIPAL", _PRINCIPAL), ("X-MS-CLIENT-PRINCIPAL-NAME", _ADDRESS), ("X-MS-CLIENT-PRINCIPAL-ID", "1"),
    ("Tailscale-User-Login", _ADDRESS), ("Tailscale-User-Name", _NAME), ("X-Consumer-Username", _NAME),
    ("X-Consumer-Id", "1"), ("X-Credential-Identifier", _NAME), ("X-Token-Subject", _NAME), ("X-Vouch-User", _ADDRESS),
    ("X-Pomerium-Claim-Email", _ADDRESS), ("X-Pomerium-Jwt-Assertion", _TOKEN), ("X-Hasura-User-Id", "1"),
    ("X-Apigateway-Api-Userinfo", _CLAIMS_IN_BASE64), ("X-Endpoint-API-UserInfo", _CLAIMS_IN_BASE64),
    ("X-Jwt-Claim-Sub", _NAME), ("X-Oidc-Claim-Email", _ADDRESS), ("X-Principal", _NAME), ("X-Identity", _NAME),
    ("X-Original-User", _NAME), ("X-Proxy-User", _NAME), ("X-Shib-User", _NAME),
    ("X-Jwt-Payload", _CLAIMS_IN_BASE64), ("X-Appengine-User-Email", _ADDRESS),
    # SiteMinder, WebSEAL, Oracle Access Manager, mod_auth_openidc, APISIX, Kong, App Service of Azure
    ("SM_USER", _NAME), ("iv-user", _NAME), ("iv-groups", "admin"), ("OAM_REMOTE_USER", _NAME),
    ("OIDC_CLAIM_sub", _NAME), ("OIDC_CLAIM_email", _ADDRESS), ("X-Userinfo", _CLAIMS_IN_BASE64),
    ("X-ID-Token", _TOKEN), ("X-Credential-Username", _NAME), ("X-MS-TOKEN-AAD-ID-TOKEN", _TOKEN),
    ("X-Auth-Username", _NAME), ("X-Auth-Email", _ADDRESS),
    # Pomerium, Authentik, a service token of Cloudflare Access, WSO2, forward authentication that names a role
    ("X-Pomerium-Claim-Sub", _NAME), ("X-Pomerium-Claim-User", _NAME), ("X-Pomerium-Claim-Groups", _GROUPS),
    ("X-Authentik-Uid", "1"), ("X-Authentik-Groups", "admin|admins"), ("Cf-Access-Client-Id", f"{_NAME}.access"),
    ("X-JWT-Assertion", _TOKEN), ("X-Forwarded-Role", "admin"), ("X-Forwarded-Roles", "admin"),
    # the claims of a token, as meshes and gateways copy them into headers
    ("X-Forwarded-Sub", _NAME), ("X-Forwarded-Uid", "1"), ("X-Auth-Sub", _NAME), ("X-Auth-Userid", "1"),
)  # fmt: skip
# That the request comes from within: a private address, a service, a certificate that was checked, a role.
FROM_INSIDE: tuple[tuple[str, str], ...] = (
    ("X-Forwarded-For", "10.0.0.1"), ("X-Real-IP", "10.0.0.1"), ("X-Client-IP", "192.168.0.1"),
    ("True-Client-IP", "172.16.0.1"), ("X-Cluster-Client-IP", "10.0.0.1"), ("X-Internal-Request", "true"),
    ("X-Internal", "1"), ("X-Internal-Call", "true"), ("X-Internal-Auth", "true"), ("X-Internal-Api", "true"),
    ("X-Internal-Token", "internal"), ("X-Service-Name", "internal"), ("X-Service-Token", "internal"),
    ("X-Dapr-Caller-App-Id", "internal"), ("X-From-Gateway", "true"), ("X-Gateway", "true"), ("X-Api-Gateway", "true"),
    ("X-Gateway-Authenticated", "true"), ("X-Authenticated", "true"), ("X-Skip-Auth", "true"), ("X-No-Auth", "true"),
    ("X-Bypass-Auth", "true"), ("X-Debug", "true"), ("X-Test-Mode", "true"), ("X-Test", "true"), ("X-Test-User", _NAME),
    ("X-Impersonate-User", _NAME), ("X-Impersonate", _NAME),
    ("X-Account-Id", "1"), ("X-User-Role", "admin"), ("X-User-Roles", "admin"), ("X-Role", "admin"),
    ("X-Roles", "admin"), ("X-Is-Admin", "true"), ("X-Admin", "true"), ("X-Hasura-Role", "admin"), ("X-Tenant-Id", "1"),
    ("X-Org-Id", "1"), ("X-SSL-Client-Verify", "SUCCESS"), ("X-Client-Verify", "SUCCESS"),
    ("SSL-Client-Verify", "SUCCESS"), ("X-SSL-Client-S-DN", f"CN={_NAME}"), ("X-SSL-Client-CN", _NAME),
    ("X-Client-DN", f"CN={_NAME}"), ("X-Forwarded-Client-Cert", f'Subject="CN={_NAME}";URI=spiffe://cluster.local/admin'),
    ("X-Appengine-Cron", "true"), ("X-CloudScheduler", "true"), ("X-Appengine-QueueName", "default"),
    # schedulers and queues: Vercel, Elastic Beanstalk, Cloud Tasks; what a browser asks before it sends
    ("x-vercel-cron", "1"), ("X-Aws-Sqsd-Msgid", "1"), ("X-CloudTasks-QueueName", "default"),
    ("X-CloudTasks-TaskName", "1"), ("Access-Control-Request-Method", "GET"),
)  # fmt: skip
# That it comes from this machine, in every header that carries an address but the usual one.
FROM_THIS_MACHINE: tuple[tuple[str, str], ...] = (
    ("Forwarded", "for=127.0.0.1"),
    *(
        (name, "127.0.0.1")
        for name in (
            "X-Real-IP", "X-Client-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Forwarded",
            "Forwarded-For", "X-Original-Forwarded-For", "X-Cluster-Client-IP", "X-Originating-IP", "X-Remote-IP",
            "X-Remote-Addr", "X-Custom-IP-Authorization", "X-ProxyUser-IP", "Fastly-Client-IP", "Fly-Client-IP",
            "X-Azure-ClientIP", "X-Envoy-External-Address", "DO-Connecting-IP", "X-Vercel-Forwarded-For",
            "X-NF-Client-Connection-IP", "X-Appengine-User-IP", "X-Host-IP", "X-ARR-ClientIP",
        )
    ),
)  # fmt: skip
