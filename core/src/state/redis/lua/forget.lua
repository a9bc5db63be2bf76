-- Forgets a meeting unless it is bound to another server, or a create was routed for it since.
local id, on_server, since = arg(), arg(), arg()
local found = meeting(id)
if not found then
  forget(id)
  return 0
end
if on_server ~= '' and found.server_id ~= on_server then
  return 0
end
if since ~= '' then
  local placed = redis.call('ZSCORE', key('ext:placed_at'), id)
  if placed and tonumber(placed) >= tonumber(since) then
    return 0
  end
end
forget(id, found.voice_bridge)
return 1
