-- The server answered the create of this meeting.
local id = arg()
redis.call('ZADD', key('ext:placed_at'), 'XX', now_ms(), id)
redis.call('SREM', key('ext:creating'), id)
return 1
