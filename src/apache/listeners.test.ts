import { expect, test } from '@jest/globals'
import { at, daemon, host, imported } from '../../test/support/apache-import.ts'

test('listeners, with the certificates of the virtual hosts on their port', () => {
  const secure = (name: string) =>
    host(
      name,
      `SSLEngine on\nSSLCertificateFile /c/${name}.pem\nSSLCertificateKeyFile /c/${name}.key\nWSGIScriptAlias / /srv/${name}.wsgi process-group=a`,
      '443',
    )
  const { files } = imported(
    `${daemon}Listen 80\nListen 127.0.0.1:443 https\nCustomLog x combined\n${secure('x.example')}${secure('y.example')}`,
  )
  expect(files['wsgid.yaml']).toEqual({
    listen: [
      { address: '0.0.0.0:80' },
      {
        address: '127.0.0.1:443',
        tls: [
          { certificate: '/c/x.example.pem', key: '/c/x.example.key' },
          { certificate: '/c/y.example.pem', key: '/c/y.example.key' },
        ],
      },
    ],
    'access-log': 'combined',
  })
})

test.each([
  ['Redirect permanent / https://x/', 443],
  ['RedirectPermanent / https://x:8443/', 8443],
  ['RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://%{HTTP_HOST}%{REQUEST_URI} [L,R=301]', 443],
  [
    'RewriteEngine On\nRewriteCond %{SERVER_NAME} =x\nRewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]',
    443,
  ],
])('a virtual host with %j makes its listener send to https', (redirect, port) => {
  const { files, remarks } = imported(
    `Listen 80\nListen 443\n${daemon}${host('x', redirect)}${host('x', `SSLEngine on\nSSLCertificateFile /c\n${at('/')}`, '443')}`,
  )
  expect([files['wsgid.yaml'], remarks]).toMatchObject([
    {
      listen: [
        { address: '0.0.0.0:80', 'redirect-to-https': { status: 301, port } },
        { tls: { certificate: '/c', key: '/c' } },
      ],
    },
    [],
  ])
})

test('certificates of the main server are those of virtual hosts without; a virtual host on one of two ports is told', () => {
  const { files, remarks } = imported(
    `Listen 80\nListen 443\nSSLCertificateFile /c\nSSLCertificateKeyFile /k\n${daemon}${host('x', `SSLEngine on\n${at('/')}`, '443')}`,
  )
  expect(files['wsgid.yaml']).toMatchObject({
    listen: [{ address: '0.0.0.0:80' }, { tls: { certificate: '/c', key: '/k' } }],
  })
  expect(remarks).toEqual([expect.stringContaining('its applications answer on every listener')])
})
