// An authorization server that nobody here wrote (npm oidc-provider), for the clients
// and the server to meet at. It issues JWT access tokens (RFC 9068, RS256) for the
// resources that it is told of (RFC 8707), registers whoever asks (RFC 7591), takes
// client ID metadata documents, and logs everybody in as one user who agrees to all.
//
//   node issuer.mjs '{"resources": [...], "scopes": [...], "kid": …, "port": …, …}'
//
// The first line of JSON on stdout is {"issuer": …}; from then on there is one for each
// thing that it did. It ends when its stdin does.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Provider, errors } from 'oidc-provider';

const plan = JSON.parse(process.argv[2]);
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

process.stdin.resume().on('end', () => process.exit(0));

const server = createServer();
server.listen(plan.port ?? 0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const user = 'user-1';
const scope = plan.scopes.join(' ');

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: plan.kid, alg: 'RS256', use: 'sig' }] },
  clients: plan.clients,
  scopes: ['openid', 'offline_access', ...plan.scopes],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  cookies: { keys: ['loopback'] },
  ttl: { AccessToken: plan.ttl, ClientCredentials: plan.ttl, RefreshToken: 600, IdToken: 600, Interaction: 60, Grant: 600, Session: 600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    registration: { enabled: true },
    clientIdMetadataDocument: { enabled: plan.documents !== undefined, ack: 'draft-02' },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo(_, resource) {
        if (!plan.resources.includes(resource)) throw new errors.InvalidTarget();
        return { scope, audience: resource, accessTokenTTL: plan.ttl, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
      },
    },
  },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  // What a client asks for, the user grants.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope(`openid offline_access ${scope}`);
    for (const resource of Object.keys(oidc.resourceServers)) grant.addResourceScope(resource, scope);
    await grant.save();
    return grant;
  },
  // The site at which clients publish their metadata documents: https, as the client
  // ids have to be, and of no network.
  fetch(url, options) {
    const document = plan.documents?.[url];
    return document ? Response.json(document) : fetch(url, options);
  },
});

provider.on('registration_create.success', (_, client) => {
  write({ did: 'register', client: client.clientId, method: client.tokenEndpointAuthMethod });
});
provider.on('authorization.success', ({ oidc: { params } }) => {
  write({ did: 'authorize', client: params.client_id, scope: params.scope, resource: params.resource, pkce: params.code_challenge_method });
});
provider.on('grant.success', ({ oidc: { params, client }, body }) => {
  write({ did: params.grant_type, client: client.clientId, scope: params.scope, resource: params.resource, granted: body.scope });
});
for (const event of ['registration_create.error', 'authorization.error', 'grant.error', 'server_error']) {
  provider.on(event, (_, e) => write({ did: event, error: e.error ?? e.name, message: e.error_description ?? e.message }));
}

// The page where users say who they are, and what they agree to.
const login = (req, res) => provider.interactionFinished(req, res, { login: { accountId: user }, consent: {} });

const answer = provider.callback();
server.on('request', (req, res) => {
  if (req.method === 'GET' && /^\/(jwks|\.well-known\/)/.test(req.url)) write({ did: 'serve', path: req.url, to: req.headers['user-agent'] });
  if (!req.url.startsWith('/login/')) return answer(req, res);
  login(req, res).catch((e) => {
    write({ did: 'login', error: e.name, message: e.message });
    res.writeHead(500).end();
  });
});
write({ issuer });
