-- The server answered the create of this meeting.
local id, made = arg(), arg()
redis.call('ZADD', key('ext:placed_at'), 'XX', now_ms(), id)
if redis.call('SREM', key('ext:creating'), id) == 1 and made == '1' then
  redis.call('HINCRBY', key('ext:made'), redis.call('HGET', key('meeting:' .. id), 'tenant_id') or '', 1)
end
return 1
