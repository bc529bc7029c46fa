// Writes what arrives as JSON lines: {"via":"udp","message":{...}}; and for every datagram its size and first two bytes,
// so a test sees that chunks (1e0f) or compression (1f8b, 78..) were really on the wire.
// graygelf reads UDP only; GELF over TCP is plain JSON messages, each ended by a zero byte.
const [udpPort, tcpPort, file] = process.argv.slice(2)
const fs = require('fs')
const write = line => fs.appendFileSync(file, JSON.stringify(line) + '\n')

const udp = require('graygelf/server')().listen(Number(udpPort), '127.0.0.1')
udp.on('message', message => write({ via: 'udp', message }))
udp.on('data', datagram => write({ via: 'udp', bytes: datagram.length, begins: datagram.toString('hex', 0, 2) }))
udp.on('error', fail)

require('net').createServer(socket => {
  let rest = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', data => {
    rest = Buffer.concat([rest, data])
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const text = rest.toString('utf8', 0, end)
      try {
        write({ via: 'tcp', message: JSON.parse(text) })
      } catch {
        write({ via: 'tcp', broken: text })
      }
    }
  })
}).on('error', fail).listen(Number(tcpPort), '127.0.0.1')

function fail(error) {
  console.error(error)
  process.exit(1)
}
