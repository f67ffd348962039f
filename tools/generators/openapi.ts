import { defaultPathPrefix, defaultRoutes, operations } from '../../src/protocol/operations.ts';
import { resultCodes } from '../../src/protocol/result-codes.ts';
import { examples } from '../platform-api/examples.ts';
import { components, messageSchemas, withReferences } from '../platform-api/schemas.ts';

const path = 'docs/openapi.json';

/** docs/openapi.json: the contract with a platform as OpenAPI 3.1, from the wire schemas. */
export function generate(): Promise<ReadonlyMap<string, string>> {
  return Promise.resolve(new Map([[path, `${JSON.stringify(document(), undefined, 2)}\n`]]));
}

function document() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairlead platform contract',
      version: '1.0.0',
      summary: 'What Fairlead asks of a Mini Program Platform, or of an adapter in front of one.',
      description:
        'No vendor publishes this API. It is a contract of the Fairlead project that follows the message conventions of the family; docs/platform-api.md explains it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'https://{host}',
        description: 'Path prefix and routes are settings of a PlatformConnection.',
        variables: { host: { default: 'platform.example' } },
      },
    ],
    security: [{ signature: [] }],
    paths: Object.fromEntries(
      operations.map((name) => [`${defaultPathPrefix}${defaultRoutes[name]}`, pathItem(name)]),
    ),
    components: {
      schemas: {
        ...Object.fromEntries(
          Object.entries(components).map(([name, schema]) => [name, withReferences(schema)]),
        ),
        Failure: {
          type: 'object',
          required: ['result'],
          properties: { result: { $ref: '#/components/schemas/Result' } },
          description: `Codes: ${Object.keys(resultCodes).join(', ')}. Others are read as PROCESS_FAIL.`,
        },
      },
      parameters: {
        ClientId: header('Client-Id', 'Who asks; selects the keys.', true),
        RequestTime: header('Request-Time', requestTime, true),
        Signature: header('Signature', signature, true),
      },
      headers: {
        ClientId: responseHeader('Repeats the Client-Id of the request.'),
        ResponseTime: responseHeader('ISO 8601 with offset, or epoch milliseconds.'),
        Signature: responseHeader(
          'Over POST, the path of the request, Client-Id, Response-Time and this body. Absent only where the signature of the request was refused.',
        ),
        RetryAfter: responseHeader('Seconds, or a date: when to ask again.'),
      },
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'Signature',
          description: 'RSA256 over the message; see docs/platform-api.md.',
        },
      },
    },
  };
}

const requestTime = 'ISO 8601 with offset, or epoch milliseconds; within five minutes.';
const signature =
  'algorithm=RSA256, keyVersion=1, signature=...: RSASSA-PKCS1-v1_5 with SHA-256, URL-encoded base64, base64 or base64url.';

const signedHeaders = {
  'Client-Id': { $ref: '#/components/headers/ClientId' },
  'Response-Time': { $ref: '#/components/headers/ResponseTime' },
  Signature: { $ref: '#/components/headers/Signature' },
};

function pathItem(name: (typeof operations)[number]) {
  const { request, response } = messageSchemas(name);
  const { does, ...example } = examples[name];
  return {
    post: {
      operationId: name,
      summary: does,
      parameters: ['ClientId', 'RequestTime', 'Signature'].map((parameter) => ({
        $ref: `#/components/parameters/${parameter}`,
      })),
      requestBody: {
        required: true,
        content: { 'application/json': { schema: request, example: example.request } },
      },
      responses: {
        200: {
          description: 'Success (S) with all members; any other resultStatus with `result` alone.',
          headers: signedHeaders,
          content: {
            'application/json': {
              schema: { anyOf: [response, { $ref: '#/components/schemas/Failure' }] },
              example: example.response,
            },
          },
        },
        429: {
          description: 'Too many requests; nothing was done.',
          headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } },
        },
      },
    },
  };
}

function header(name: string, description: string, required: boolean) {
  return { name, in: 'header', required, description, schema: { type: 'string' } };
}

function responseHeader(description: string) {
  return { description, schema: { type: 'string' } };
}
