// What an application learns of a connection's encryption.
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** Scheme variables of a connection: "KEY\0value\0…". By TLS also those that PEP 3333 asks for ("such as HTTPS=on and SSL_PROTOCOL"). */
export function schemeVariables(socket: Socket): string {
  if (!(socket instanceof TLSSocket)) return 'REQUEST_SCHEME\0http\0wsgi.url_scheme\0http\0'
  return (
    'REQUEST_SCHEME\0https\0wsgi.url_scheme\0https\0HTTPS\0on\0' +
    `SSL_PROTOCOL\0${socket.getProtocol() ?? ''}\0SSL_CIPHER\0${socket.getCipher().name}\0`
  )
}
