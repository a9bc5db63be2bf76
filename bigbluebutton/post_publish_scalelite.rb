#!/usr/bin/env ruby
# frozen_string_literal: true

# BigBlueButton runs this after it has published a format of a recording (core/scripts/post_publish). The format is
# packed into the outbox and sent to Scalelite. What cannot be sent now stays in the outbox, and scalelite-transfer.timer
# tries again.

$LOAD_PATH.push('/usr/local/lib/scalelite')
require 'optparse'
require 'scalelite'

options = {}
OptionParser.new do |parser|
  parser.on('-m', '--meeting-id ID', 'the recording') { |id| options[:record] = id }
  parser.on('-f', '--format FORMAT', 'the format that was published; all of them if missing') do |format|
    options[:format] = format
  end
end.parse!
abort 'scalelite: expected -m RECORD_ID' unless options[:record]

exit Scalelite.run {
  settings = Scalelite::Settings.load
  outbox = Scalelite::Outbox.new(settings)
  packed = Scalelite::Record.new(settings, options[:record]).pack(outbox, options[:format])
  outbox.send_all if packed
  true
}
