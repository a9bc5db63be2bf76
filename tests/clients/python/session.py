"""A session through bigbluebutton-api-python: session.py BASE_URL SECRET. Ends with an error if anything is amiss."""

import sys
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

from bigbluebutton_api_python import BigBlueButton
from bigbluebutton_api_python.exception import BBBException

base, secret = sys.argv[1:]
client = BigBlueButton(base + "/bigbluebutton/api/", secret)


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def failure_of(call):
    try:
        call()
    except BBBException as error:
        return error.key
    raise AssertionError("it should have failed")


def redirect_of(url):
    try:
        build_opener(NoRedirect).open(url)
    except HTTPError as error:
        assert error.code == 302, error
        return error.headers["Location"]
    raise AssertionError("it should have been a redirect")


assert client.get_api_version().get_version() == "2.0"
assert client.get_meetings().get_meetings() == []
for room in ["python 1", "python ñ & 2"]:
    passwords = {"attendeePW": "ap", "moderatorPW": "mp", "name": "Größe " + room, "record": False}
    created = client.create_meeting(room, dict(passwords), {"origin": "python"})
    assert created.get_return_code() == "SUCCESS"
    assert created.get_meetingid() == room, created
    assert created.get_moderator_pw() == "mp", created
    again = client.create_meeting(room, dict(passwords))
    assert again.get_message_key() == "duplicateWarning", again

meetings = client.get_meetings().get_meetings()
assert sorted(meeting.get_meetingid() for meeting in meetings) == ["python 1", "python ñ & 2"]
assert not client.is_meeting_running("python 1").is_meeting_running()

# The redirect leads to the meeting's server, which lets the user in.
entrance = redirect_of(client.get_join_meeting_url("Zoë", "python 1", "mp", {}))
assert not entrance.startswith(base), entrance
assert "/html5client/" in redirect_of(entrance)

assert client.is_meeting_running("python 1").is_meeting_running()
info = client.get_meeting_info("python 1")
assert info.get_meetinginfo().get_meetingname() == "Größe python 1"
assert [attendee.get_fullname() for attendee in info.get_attendees()] == ["Zoë"]

for room in ["python 1", "python ñ & 2"]:
    assert client.end_meeting(room, "mp").get_message_key() == "sentEndMeetingRequest"
    assert failure_of(lambda: client.get_meeting_info(room)) == "notFound"
assert client.get_meetings().get_meetings() == []
stranger = BigBlueButton(base + "/bigbluebutton/api/", "wrong")
assert failure_of(stranger.get_meetings) == "checksumError"
print("python: ok")
