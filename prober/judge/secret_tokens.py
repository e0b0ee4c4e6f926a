"""Tokens by the forms that their issuers publish: a prefix that nothing else has, and what follows it. Pure data.

One entry each, with the issuer's page. A form without such a prefix is not here: a hexadecimal number is a checksum as
often as a secret, and a finding must be one. Nothing that is meant for browsers is here either.

A library was measured beside it: detect-secrets 1.5 takes 0.44 ms for an answer of 250 bytes and 0.25 s for a page of 30 KB
(this table and the rest of `disclosure`: 0.04 and 2.7 ms), and takes ETags, CSRF tokens and hashed file names for secrets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Token:
    """One issuer's tokens."""

    name: str
    prefixes: tuple[str, ...]  # as they are written, of which one stands at the beginning
    rest: str  # a regular expression of what follows
    source: str

    @property
    def form(self) -> str:
        """The whole of it, at the beginning of a word, as a regular expression."""
        return rf"(?<![A-Za-z0-9_-])(?:{'|'.join(map(re.escape, self.prefixes))}){self.rest}"


_WORD, _HEX, _URL_SAFE = "[A-Za-z0-9]", "[a-f0-9]", "[A-Za-z0-9_-]"
_UUID = r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"

TOKENS: tuple[Token, ...] = (
    # --- payment ------------------------------------------------------------------------------------------------------
    Token(name="a Stripe key", prefixes=("sk_live_", "sk_test_", "rk_live_", "rk_test_"), rest=_WORD + "{16,}", source="https://docs.stripe.com/keys"),
    Token(name="a webhook's signing secret", prefixes=("whsec_",), rest="[A-Za-z0-9+/=]{24,}", source="https://docs.stripe.com/webhooks"),
    Token(name="a Square token", prefixes=("sq0atp-", "sq0csp-"), rest=_URL_SAFE + "{22,43}", source="https://developer.squareup.com/docs/build-basics/access-tokens"),
    Token(name="a Braintree token", prefixes=("access_token$production$", "access_token$sandbox$"), rest=r"[0-9a-z]{16}\$[a-f0-9]{32}", source="https://developer.paypal.com/braintree/docs/"),
    Token(name="a Shopify token", prefixes=("shpat_", "shpca_", "shppa_", "shpss_"), rest="[a-fA-F0-9]{32}", source="https://shopify.dev/docs/apps/build/authentication-authorization"),
    Token(name="a Plaid token", prefixes=("access-production-", "access-sandbox-", "access-development-"), rest=_UUID, source="https://plaid.com/docs/api/tokens/"),
    # --- chat and mail ------------------------------------------------------------------------------------------------
    Token(name="a Slack token", prefixes=("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxe.xoxb-", "xoxe.xoxp-", "xapp-"), rest="[A-Za-z0-9-]{20,}", source="https://docs.slack.dev/authentication/tokens"),
    Token(name="a Slack webhook", prefixes=("hooks.slack.com/services/",), rest=r"T\w{6,}/B\w{6,}/\w{16,}", source="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"),
    Token(name="a Discord webhook", prefixes=("discord.com/api/webhooks/", "discordapp.com/api/webhooks/"), rest=r"\d{17,20}/" + _URL_SAFE + "{60,}", source="https://discord.com/developers/docs/resources/webhook"),
    Token(name="a SendGrid key", prefixes=("SG.",), rest=_URL_SAFE + r"{22}\." + _URL_SAFE + "{43}", source="https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys"),
    Token(name="a Brevo key", prefixes=("xkeysib-", "xsmtpsib-"), rest=_HEX + "{64}-" + _WORD + "{16}", source="https://developers.brevo.com/docs/getting-started"),
    # --- clouds -------------------------------------------------------------------------------------------------------
    Token(name="an AWS key id", prefixes=("AKIA", "ASIA"), rest=r"[0-9A-Z]{16}\b", source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"),
    Token(name="a Google OAuth token", prefixes=("ya29.",), rest=_URL_SAFE + "{30,}", source="https://developers.google.com/identity/protocols/oauth2"),
    Token(name="a Google client secret", prefixes=("GOCSPX-",), rest=_URL_SAFE + "{28}", source="https://developers.google.com/identity/protocols/oauth2"),
    Token(name="an Azure account key", prefixes=("AccountKey=", "SharedAccessKey="), rest="[A-Za-z0-9+/]{43,}={0,2}", source="https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string"),
    Token(name="a DigitalOcean token", prefixes=("dop_v1_", "doo_v1_", "dor_v1_"), rest=_HEX + "{64}", source="https://docs.digitalocean.com/reference/api/"),
    Token(name="a Heroku key", prefixes=("HRKU-AA",), rest=_URL_SAFE + "{58}", source="https://devcenter.heroku.com/articles/platform-api-quickstart"),
    Token(name="a Netlify token", prefixes=("nfp_",), rest=_WORD + "{36,}", source="https://docs.netlify.com/api/get-started/"),
    Token(name="a Vercel Blob token", prefixes=("vercel_blob_rw_",), rest=_WORD + "{10,}_" + _WORD + "{20,}", source="https://vercel.com/docs/vercel-blob"),
    Token(name="a Supabase secret", prefixes=("sbp_", "sb_secret_"), rest=_URL_SAFE + "{20,}", source="https://supabase.com/docs/guides/api/api-keys"),
    Token(name="a PlanetScale secret", prefixes=("pscale_tkn_", "pscale_pw_", "pscale_oauth_"), rest="[A-Za-z0-9_.=-]{32,64}", source="https://planetscale.com/docs/api/reference/getting-started-with-planetscale-api"),
    Token(name="a Databricks token", prefixes=("dapi",), rest=_HEX + r"{32}\b", source="https://docs.databricks.com/dev-tools/auth/pat"),
    Token(name="a Vault token", prefixes=("hvs.", "hvb."), rest=_URL_SAFE + "{90,}", source="https://developer.hashicorp.com/vault/docs/concepts/tokens"),
    Token(name="a Doppler token", prefixes=("dp.pt.", "dp.st.", "dp.ct.", "dp.sa."), rest="[A-Za-z0-9._-]{40,}", source="https://docs.doppler.com/docs/service-tokens"),
    Token(name="a Pulumi token", prefixes=("pul-",), rest=_HEX + "{40}", source="https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/"),
    Token(name="an age identity", prefixes=("AGE-SECRET-KEY-1",), rest="[A-Z0-9]{58}", source="https://github.com/C2SP/C2SP/blob/main/age.md"),
    # --- source forges and registries ---------------------------------------------------------------------------------
    Token(name="a GitHub token", prefixes=("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), rest=_WORD + "{36}", source="https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/"),
    Token(name="a fine-grained GitHub token", prefixes=("github_pat_",), rest="[A-Za-z0-9_]{40,}", source="https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github"),
    Token(name="a GitLab token", prefixes=("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-"), rest=_URL_SAFE + "{20,}", source="https://docs.gitlab.com/security/tokens/"),
    Token(name="an Atlassian token", prefixes=("ATATT3",), rest="[A-Za-z0-9_=-]{60,}", source="https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"),
    Token(name="a Bitbucket password", prefixes=("ATBB",), rest=_WORD + r"{32}\b", source="https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/"),
    Token(name="an npm token", prefixes=("npm_",), rest=_WORD + "{36}", source="https://docs.npmjs.com/about-access-tokens"),
    Token(name="a PyPI token", prefixes=("pypi-AgE",), rest=_URL_SAFE + "{50,}", source="https://pypi.org/help/#apitoken"),
    Token(name="a RubyGems key", prefixes=("rubygems_",), rest=_HEX + "{48}", source="https://guides.rubygems.org/api-key-scopes/"),
    Token(name="a Docker token", prefixes=("dckr_pat_", "dckr_oat_"), rest=_URL_SAFE + "{27,}", source="https://docs.docker.com/security/access-tokens/"),
    # --- model providers ----------------------------------------------------------------------------------------------
    Token(name="a key of a model provider", prefixes=("sk-",), rest=_URL_SAFE + "{32,}", source="https://platform.openai.com/docs/api-reference/authentication"),
    Token(name="a Hugging Face token", prefixes=("hf_",), rest=_WORD + "{30,}", source="https://huggingface.co/docs/hub/security-tokens"),
    Token(name="a Groq key", prefixes=("gsk_",), rest=_WORD + "{48,}", source="https://console.groq.com/docs/quickstart"),
    Token(name="an xAI key", prefixes=("xai-",), rest=_WORD + "{60,}", source="https://docs.x.ai/docs/overview"),
    Token(name="a Perplexity key", prefixes=("pplx-",), rest=_WORD + "{40,}", source="https://docs.perplexity.ai/"),
    Token(name="a Replicate token", prefixes=("r8_",), rest=_WORD + "{37}", source="https://replicate.com/docs/topics/security/api-tokens"),
    Token(name="an NVIDIA key", prefixes=("nvapi-",), rest=_URL_SAFE + "{60,}", source="https://docs.api.nvidia.com/"),
    Token(name="a LangSmith key", prefixes=("lsv2_pt_", "lsv2_sk_"), rest=_HEX + "{32}_" + _HEX + "{10}", source="https://docs.smith.langchain.com/"),
    Token(name="a Pinecone key", prefixes=("pcsk_",), rest=_WORD + "{5,8}_" + _WORD + "{50,}", source="https://docs.pinecone.io/reference/api/authentication"),
    # --- what watches, and where teams write --------------------------------------------------------------------------
    Token(name="a Sentry token", prefixes=("sntrys_", "sntryu_"), rest="[A-Za-z0-9+/=_-]{60,}", source="https://docs.sentry.io/api/auth/"),
    Token(name="a Grafana token", prefixes=("glsa_",), rest=_WORD + "{32}_" + _HEX + "{8}", source="https://grafana.com/docs/grafana/latest/administration/service-accounts/"),
    Token(name="a New Relic key", prefixes=("NRAK-",), rest="[A-Z0-9]{27}", source="https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"),
    Token(name="a Dynatrace token", prefixes=("dt0c01.",), rest=r"[A-Z0-9]{24}\.[A-Z0-9]{64}", source="https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens"),
    Token(name="a Postman key", prefixes=("PMAK-",), rest=_HEX + "{24}-" + _HEX + "{34}", source="https://learning.postman.com/docs/developer/postman-api/authentication/"),
    Token(name="a Linear key", prefixes=("lin_api_",), rest=_WORD + "{40}", source="https://linear.app/developers/graphql"),
    Token(name="a Notion token", prefixes=("ntn_",), rest=_WORD + "{40,}", source="https://developers.notion.com/reference/authentication"),
    Token(name="a Figma token", prefixes=("figd_",), rest=_URL_SAFE + "{38,}", source="https://www.figma.com/developers/api#access-tokens"),
    Token(name="a Mapbox secret token", prefixes=("sk.eyJ",), rest=_URL_SAFE + r"{20,}\." + _URL_SAFE + "{20,}", source="https://docs.mapbox.com/help/dive-deeper/access-tokens/"),
)  # fmt: skip
