# frozen_string_literal: true

require 'digest'
require 'json'
require 'net/http'
require 'openssl'

module Scalelite
  # Upload to Scalelite over HTTPS, by tus 1.0.0. It goes on where it was cut off, also after a restart of either side.
  class Upload
    LIFE = 300
    # So often it is gone on with within one run, without getting any further.
    TRIES = 5
    OPEN_TIMEOUT = 10
    # The answer to the last piece comes when Scalelite has checked the hash of the whole.
    READ_TIMEOUT = 600
    CUT = [IOError, SystemCallError, Timeout::Error, OpenSSL::SSL::SSLError, Net::HTTPBadResponse,
           Net::ProtocolError, SocketError].freeze
    PASSING = [408, 423, 429, 500, 502, 503, 504].freeze

    # A failure that a moment may heal.
    class Passing < Error; end

    # A part of a file, as the body of a request.
    class Piece
      attr_reader :size

      def initialize(file, offset, size)
        @file = file
        @size = @left = size
        file.seek(offset)
      end

      def read(length = nil, buffer = nil)
        length = [length || @left, @left].min
        return (length.zero? && @size.positive? ? nil : '') if length.zero?

        data = buffer ? @file.read(length, buffer) : @file.read(length)
        @left -= data.bytesize if data
        data
      end
    end

    def initialize(settings)
      @url = settings.upload_url
      @secret = settings.upload_secret
      @ca_file = settings.upload_ca_file
      @piece = settings.upload_piece_bytes
    end

    # again: also if Scalelite has had it before.
    def send_file(path, again: false)
      @name = File.basename(path)
      @length = File.size(path)
      @sha256 = Digest::SHA256.file(path).hexdigest
      @reached = -1
      connected { |http| request(http, Net::HTTP::Delete, one) } if again
      File.open(path, 'rb') { |file| go_on_until_done(file) }
    rescue *CUT => e
      raise Error, "#{@name}: the upload to #{@url} failed: #{e.message}"
    end

    private

    # One that has never begun is not tried again here: there is nothing to lose.
    def go_on_until_done(file)
      failures = 0
      begin
        connected do |http|
          offset = create(http)
          while offset < @length
            failures = 0 if offset > @reached
            @reached = [@reached, offset].max
            offset = patch(http, file, offset)
          end
        end
      rescue Passing, *CUT => e
        failures += 1
        raise if @reached.negative? || failures > TRIES

        Scalelite.log("#{@name}: cut off after #{@reached} of #{@length} bytes, going on (#{e.message})")
        sleep(2**(failures - 1))
        retry
      end
    end

    def connected(&block)
      http = Net::HTTP.new(@url.host, @url.port)
      http.use_ssl = @url.scheme == 'https'
      http.ca_file = @ca_file if @ca_file
      http.open_timeout = OPEN_TIMEOUT
      http.read_timeout = READ_TIMEOUT
      # What may be repeated is repeated here.
      http.max_retries = 0
      http.start(&block)
    end

    # Begins the upload, or finds it: gives how far it is.
    def create(http)
      metadata = { filename: @name, sha256: @sha256 }.map { |key, value| "#{key} #{[value].pack('m0')}" }
      answer = request(http, Net::HTTP::Post, @url.path,
                       'Upload-Length' => @length.to_s, 'Upload-Metadata' => metadata.join(','),
                       'Content-Type' => 'application/octet-stream', 'Content-Length' => '0')
      offset(answer, 200, 201)
    end

    def patch(http, file, offset)
      piece = Piece.new(file, offset, [@piece, @length - offset].min)
      answer = request(http, Net::HTTP::Patch, one, {
                         'Content-Type' => 'application/offset+octet-stream', 'Upload-Offset' => offset.to_s
                       }, piece)
      offset(answer, 204, 409).tap do |reached|
        raise Passing, 'Scalelite has not taken anything' if reached == offset
      end
    end

    def one
      "#{@url.path}#{@name}"
    end

    def request(http, kind, path, headers = {}, body = nil)
      request = kind.new(path, headers.merge('Tus-Resumable' => '1.0.0', 'Authorization' => "Bearer #{token}"))
      if body
        request.body_stream = body
        request.content_length = body.size
      end
      http.request(request)
    end

    # The offset that an answer tells, if it has one of these statuses.
    def offset(answer, *statuses)
      status = answer.code.to_i
      raise Passing, told(answer) if PASSING.include?(status)
      raise Error, "#{@name}: Scalelite does not take it: #{told(answer)}" unless statuses.include?(status)

      Integer(answer['Upload-Offset'].to_s, 10)
    rescue ArgumentError
      raise Error, "#{@name}: #{@url} does not answer as Scalelite: no Upload-Offset"
    end

    def told(answer)
      error = JSON.parse(answer.body.to_s)['error']
      "#{answer.code} #{error}"
    rescue JSON::ParserError, TypeError, NoMethodError
      "#{answer.code} #{answer.message}"
    end

    # A JWT (HS512) that opens this upload and nothing else, for a short time.
    def token
      claims = { sub: @name, length: @length, sha256: @sha256, exp: Time.now.to_i + LIFE }
      signed = [{ typ: 'JWT', alg: 'HS512' }, claims].map { |part| base64(JSON.generate(part)) }.join('.')
      "#{signed}.#{base64(OpenSSL::HMAC.digest('SHA512', @secret, signed))}"
    end

    def base64(bytes)
      [bytes].pack('m0').tr('+/', '-_').delete('=')
    end
  end
end
