// A session through bigbluebutton-js: session.js BASE_URL SECRET. Ends with an error if anything is amiss.
'use strict'

const assert = require('assert')
const nodeHttp = require('http')
const { api, http } = require('bigbluebutton-js')

const [base, secret] = process.argv.slice(2)
const { administration, monitoring } = api(base + '/bigbluebutton', secret)

function redirectOf(url) {
  return new Promise((resolve, reject) => {
    const request = nodeHttp.get(url, (response) => {
      response.resume()
      if (response.statusCode === 302) resolve(response.headers.location)
      else reject(new Error(`status ${response.statusCode} instead of a redirect`))
    })
    request.on('error', reject)
  })
}

async function session() {
  const rooms = ['js 1', 'js ñ 2']
  assert.strictEqual((await http(monitoring.getMeetings())).messageKey, 'noMeetings')
  for (const room of rooms) {
    const params = { attendeePW: 'ap', moderatorPW: 'mp', duration: 30, meta_origin: 'js' }
    const created = await http(administration.create('Größe ' + room, room, params))
    assert.strictEqual(created.returncode, 'SUCCESS')
    assert.strictEqual(created.meetingID, room)
    assert.strictEqual(created.moderatorPW, 'mp')
    const again = await http(administration.create('Größe ' + room, room, params))
    assert.strictEqual(again.messageKey, 'duplicateWarning')
  }

  const listed = await http(monitoring.getMeetings())
  assert.strictEqual(listed.returncode, 'SUCCESS')
  assert.deepStrictEqual(listed.meetings.map((meeting) => meeting.meetingID).sort(), rooms)
  assert.strictEqual((await http(monitoring.isMeetingRunning('js 1'))).running, false)

  // The redirect leads to the meeting's server, which lets the user in.
  const entrance = await redirectOf(administration.join('Zoë', 'js 1', 'mp', { redirect: true }))
  assert(!entrance.startsWith(base), entrance)
  assert((await redirectOf(entrance)).includes('/html5client/'))

  assert.strictEqual((await http(monitoring.isMeetingRunning('js 1'))).running, true)
  const info = await http(monitoring.getMeetingInfo('js 1'))
  assert.strictEqual(info.meetingName, 'Größe js 1')
  assert.strictEqual(info.attendees.attendee.fullName, 'Zoë')

  for (const room of rooms) {
    const ended = await http(administration.end(room, 'mp'))
    assert.strictEqual(ended.messageKey, 'sentEndMeetingRequest')
    assert.strictEqual((await http(monitoring.getMeetingInfo(room))).messageKey, 'notFound')
  }
  assert.strictEqual((await http(monitoring.getMeetings())).messageKey, 'noMeetings')
  const stranger = api(base + '/bigbluebutton', 'wrong')
  const refused = await http(stranger.monitoring.getMeetings())
  assert.strictEqual(refused.messageKey, 'checksumError')
  console.log('node: ok')
}

session().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
