// A server of the official TypeScript SDK, written as its examples are: PORT FORM [json] [stateless] [bound] [metadata].
import { randomUUID } from 'node:crypto';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';

const MEMBERS = { 'a-members-own-token': 'member', 'another-members-token': 'other' };
const [port, form, ...options] = process.argv.slice(2);
const json = options.includes('json');
const resource = new URL(`http://127.0.0.1:${port}/mcp`);
const issuer = new URL(`http://127.0.0.1:${port}`);

const known = (token, who) => ({ token, clientId: who, scopes: [], expiresAt: Math.floor(Date.now() / 1000) + 3600 });
const verifiers = {
  locked: async (token) => {
    if (!Object.hasOwn(MEMBERS, token)) throw new InvalidTokenError('no such token');
    return known(token, MEMBERS[token]);
  },
  // As in the SDK's own example, whose verifier throws a plain Error: its middleware makes 500 of that.
  throws: async (token) => {
    if (!Object.hasOwn(MEMBERS, token)) throw new Error('Invalid or expired token');
    return known(token, MEMBERS[token]);
  },
  'any-bearer': async (token) => known(token, 'somebody'),
};

function somebodysOwn() {
  const server = new McpServer({ name: "somebody's own", version: '1.0.0' });
  server.registerTool('plans', { description: 'Tell what strangers must not know.' }, async () => ({
    content: [{ type: 'text', text: 'the plans for next year' }],
  }));
  return server;
}

const refuse = (res, status, message) =>
  res.status(status).json({ jsonrpc: '2.0', error: { code: -32000, message }, id: null });

// --- with sessions, as in simpleStreamableHttp.js ---------------------------------------------------------------------
const sessions = new Map();

async function post(req, res) {
  const id = req.headers['mcp-session-id'];
  const session = id ? sessions.get(id) : undefined;
  if (session) return use(session, req, res);
  if (id) return refuse(res, 404, 'Session not found');
  if (!isInitializeRequest(req.body)) return refuse(res, 400, 'Bad Request: No valid session ID provided');
  const transport = new StreamableHTTPServerTransport({
    enableJsonResponse: json,
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (opened) => sessions.set(opened, { transport, owner: req.auth?.clientId }),
  });
  transport.onclose = () => sessions.delete(transport.sessionId);
  await somebodysOwn().connect(transport);
  await transport.handleRequest(req, res, req.body);
}

async function use(session, req, res) {
  if (options.includes('bound') && session.owner !== req.auth?.clientId) return refuse(res, 404, 'Session not found');
  await session.transport.handleRequest(req, res, req.body);
}

async function other(req, res) {
  const id = req.headers['mcp-session-id'];
  if (!id) return res.status(400).send('Missing session ID');
  if (!sessions.has(id)) return refuse(res, 404, 'Session not found');
  await use(sessions.get(id), req, res);
}

// --- without, as in simpleStatelessStreamableHttp.js -------------------------------------------------------------------
async function once(req, res) {
  const server = somebodysOwn();
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: json, sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
  res.on('close', () => {
    transport.close();
    server.close();
  });
}
const none = (_req, res) => refuse(res, 405, 'Method not allowed.');

const app = createMcpExpressApp();
const guards = [];
if (form !== 'open') {
  let resourceMetadataUrl;
  if (options.includes('metadata')) {
    const at = (path) => new URL(path, issuer).href;
    app.use(
      mcpAuthMetadataRouter({
        oauthMetadata: {
          issuer: issuer.href, authorization_endpoint: at('/authorize'), token_endpoint: at('/token'),
          response_types_supported: ['code'], code_challenge_methods_supported: ['S256'],
        },
        resourceServerUrl: resource,
      }),
    );
    resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(resource);
  }
  guards.push(requireBearerAuth({ verifier: { verifyAccessToken: verifiers[form] }, resourceMetadataUrl }));
}
const stateless = options.includes('stateless');
app.post('/mcp', ...guards, stateless ? once : post);
app.get('/mcp', ...guards, stateless ? none : other);
app.delete('/mcp', ...guards, stateless ? none : other);
app.listen(Number(port), '127.0.0.1');
