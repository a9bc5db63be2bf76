-- Removes a server and forgets its meetings; 0 if there is none.
local id = arg()
local known = redis.call('SREM', key('servers'), id) + redis.call('DEL', key('server:' .. id))
if known == 0 then
  return 0
end
for _, name in ipairs({ 'server_load', 'cordoned_server_load', 'ext:poll_taken' }) do
  redis.call('ZREM', key(name), id)
end
redis.call('SREM', key('server_enabled'), id)
redis.call('HDEL', key('ext:load_added'), id)
redis.call('DEL', key(id), key('ext:history:' .. id))
for _, meeting_id in ipairs(redis.call('SMEMBERS', key('meetings'))) do
  local found = meeting(meeting_id)
  if found and found.server_id == id then
    forget(meeting_id, found.voice_bridge)
  end
end
return 1
