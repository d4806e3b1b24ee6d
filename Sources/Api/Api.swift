// Api
