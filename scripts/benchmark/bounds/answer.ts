// node:http answering hello-world by itself: answer.js PORT. Ends by SIGTERM.
import { createServer } from 'node:http'

const body = 'Hello, World!\n'
const headers = { 'Content-Type': 'text/plain', 'Content-Length': body.length }

createServer((_, response) => {
  response.writeHead(200, headers)
  response.end(body)
}).listen(Number(process.argv[2]), '127.0.0.1')
