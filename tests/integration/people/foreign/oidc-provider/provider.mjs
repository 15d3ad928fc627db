// A certified OpenID Connect provider that the project has not written, set up as a region's could be.
import Provider from 'oidc-provider';

const { PORT, REDIRECT_URI, CLIENT_SECRET } = process.env;
const employee = (accountId) => ({ employee: accountId, groups: ['um-auditors'] });

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  clients: [
    {
      client_id: 'portal',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [REDIRECT_URI],
    },
    {
      client_id: 'hr-system',
      client_secret: CLIENT_SECRET,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  claims: { openid: ['sub', 'employee', 'groups'] },
  conformIdTokenClaims: false,
  extraTokenClaims: (_, token) => (token.kind === 'AccessToken' ? employee(token.accountId) : undefined),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      defaultResource: () => 'https://um-platform.example.se',
      enabled: true,
      getResourceServerInfo: () => ({
        accessTokenFormat: 'jwt',
        audience: 'um-platform',
        scope: 'api',
      }),
      useGrantedResource: () => true,
    },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...employee(id) }) }),
  pkce: { required: () => true },
  rotateRefreshToken: true,
});

provider.listen(Number(PORT), '127.0.0.1');
