-- Everything about a server, or nil.
local function server_record(id)
  local server = route(id)
  if not server then
    return nil
  end
  local h = redis.call('HMGET', key('server:' .. id), 'meetings', 'users', 'largest_meeting', 'videos', 'bbb_version')
  local counters = redis.call('HMGET', key(id), 'healthy_counter', 'unhealthy_counter')
  local load = false
  if server.state == 'enabled' then
    load = redis.call('ZSCORE', key('server_load'), id)
  elseif server.state == 'cordoned' then
    load = redis.call('ZSCORE', key('cordoned_server_load'), id)
  end
  return { server.id, server.url, server.secret, server.tag, server.state, server.online and '1' or '0',
    tostring(server.multiplier), load or '', h[1] or '', h[2] or '', h[3] or '', h[4] or '', h[5] or '',
    counters[1] or '', counters[2] or '' }
end
